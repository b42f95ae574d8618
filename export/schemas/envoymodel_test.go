package schemas

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	rbacrules "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	cors "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/cors/v3"
	rbac "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	matcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/protobuf/proto"

	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/internal/cases"
)

// TestEnvoyAsRead plays the corpus against a model of Envoy: what its
// documentation and its source say of the few parts that are used. The model may
// be wrong where Envoy is not, and the other way round; but what is written says
// what the policy says, as we read it.
func TestEnvoyAsRead(t *testing.T) {
	t.Parallel()
	api := reflectingAPI(t)
	each(t, "envoy", func(t *testing.T, p cases.Policy, e export.Export) {
		s := httptest.NewServer(&envoyModel{t: t, HttpConnectionManager: envoyManager(t, e), api: api})
		defer s.Close()
		playCases(t, s.URL, p, e)
	})
}

type envoyModel struct {
	*manager.HttpConnectionManager
	t   *testing.T
	api string
}

func (m *envoyModel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	clean, ok := m.cleanPath(r.URL.EscapedPath())
	if !ok {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	host, on := m.find(r, clean)
	mutate := func(h http.Header) {
		mutateHeader(h, host.GetResponseHeadersToRemove(), host.GetResponseHeadersToAdd())
		mutateHeader(h, on.GetResponseHeadersToRemove(), on.GetResponseHeadersToAdd())
	}
	policy := perRoute[*cors.CorsPolicy](m.t, on, "envoy.filters.http.cors")
	origin := strings.Join(r.Header.Values("Origin"), ",")
	allowed := policy != nil && origin != "" && slices.ContainsFunc(policy.GetAllowOriginStringMatch(), func(s *matcher.StringMatcher) bool {
		return matchesString(m.t, s, origin)
	})
	if allowed && r.Method == "OPTIONS" && r.Header.Get("Access-Control-Request-Method") != "" {
		answerPreflight(w, r, policy, origin)
		return
	}
	finish := func(h http.Header) {
		mutate(h)
		if allowed {
			setUnlessEmpty(h, "Access-Control-Allow-Origin", origin)
			setUnlessEmpty(h, "Access-Control-Allow-Credentials", map[bool]string{true: "true"}[policy.GetAllowCredentials().GetValue()])
			setUnlessEmpty(h, "Access-Control-Expose-Headers", policy.GetExposeHeaders())
		}
	}
	if m.denied(r, on) {
		finish(w.Header())
		w.WriteHeader(http.StatusForbidden)
		return
	}
	api, _ := url.Parse(m.api)
	proxy := httputil.NewSingleHostReverseProxy(api)
	proxy.ModifyResponse = func(res *http.Response) error { finish(res.Header); return nil }
	proxy.ServeHTTP(w, r)
}

func answerPreflight(w http.ResponseWriter, r *http.Request, p *cors.CorsPolicy, origin string) {
	asked := func(list, header string) string {
		if list == "*" {
			return strings.Join(r.Header.Values(header), ",")
		}
		return list
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	setUnlessEmpty(h, "Access-Control-Allow-Credentials", map[bool]string{true: "true"}[p.GetAllowCredentials().GetValue()])
	setUnlessEmpty(h, "Access-Control-Allow-Methods", asked(p.GetAllowMethods(), "Access-Control-Request-Method"))
	setUnlessEmpty(h, "Access-Control-Allow-Headers", asked(p.GetAllowHeaders(), "Access-Control-Request-Headers"))
	setUnlessEmpty(h, "Access-Control-Max-Age", p.GetMaxAge())
}

func setUnlessEmpty(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

var encodedUnreserved = regexp.MustCompile(`%(?:2[DdEe]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9AaEe])`)

// cleanPath is what the three options about paths make of one.
func (m *envoyModel) cleanPath(escaped string) (clean string, ok bool) {
	if !m.GetNormalizePath().GetValue() {
		return escaped, true
	}
	if m.GetPathWithEscapedSlashesAction() == manager.HttpConnectionManager_REJECT_REQUEST &&
		regexp.MustCompile(`(?i)%2f|%5c`).MatchString(escaped) {
		return "", false
	}
	return normalized(escaped), true
}

// normalized is a path without percent-encoding that need not be, empty
// segments and dots.
func normalized(escaped string) string {
	decoded := encodedUnreserved.ReplaceAllStringFunc(escaped, func(s string) string {
		c, _ := url.PathUnescape(s)
		return c
	})
	clean := path.Clean(decoded)
	if clean != "/" && strings.HasSuffix(decoded, "/") {
		clean += "/"
	}
	return clean
}

func (m *envoyModel) find(r *http.Request, clean string) (*route.VirtualHost, *route.Route) {
	host := strings.ToLower(r.Host)
	name, _, _ := strings.Cut(host, ":")
	var found *route.VirtualHost
	for _, domain := range []string{host, name + ":*", "*"} {
		for _, v := range m.GetRouteConfig().GetVirtualHosts() {
			if found == nil && slices.Contains(v.GetDomains(), domain) {
				found = v
			}
		}
	}
	for _, on := range found.GetRoutes() {
		if m.matches(on.GetMatch(), r, clean) {
			return found, on
		}
	}
	return found, nil
}

func (m *envoyModel) matches(match *route.RouteMatch, r *http.Request, clean string) bool {
	var covered bool
	switch by := match.GetPathSpecifier().(type) {
	case *route.RouteMatch_Prefix:
		covered = strings.HasPrefix(clean, by.Prefix)
	case *route.RouteMatch_Path:
		covered = clean == by.Path
	case *route.RouteMatch_PathSeparatedPrefix:
		covered = clean == by.PathSeparatedPrefix || strings.HasPrefix(clean, by.PathSeparatedPrefix+"/")
	case *route.RouteMatch_SafeRegex:
		covered = fullMatch(m.t, by.SafeRegex.GetRegex(), clean)
	default:
		m.t.Errorf("the model does not know %T", by)
	}
	return covered && !slices.ContainsFunc(match.GetHeaders(), func(h *route.HeaderMatcher) bool { return !matchesHeader(m.t, h, r) })
}

func (m *envoyModel) denied(r *http.Request, on *route.Route) bool {
	var rules *rbacrules.RBAC
	if own := perRoute[*rbac.RBACPerRoute](m.t, on, "envoy.filters.http.rbac"); own != nil {
		rules = own.GetRbac().GetRules()
	} else {
		var filter rbac.RBAC
		if err := m.GetHttpFilters()[1].GetTypedConfig().UnmarshalTo(&filter); err != nil {
			m.t.Error(err)
		}
		rules = filter.GetRules()
	}
	for _, policy := range rules.GetPolicies() {
		if slices.ContainsFunc(policy.GetPermissions(), func(p *rbacrules.Permission) bool { return permits(m.t, p, r) }) {
			return true
		}
	}
	return false
}

func permits(t *testing.T, p *rbacrules.Permission, r *http.Request) bool {
	is := func(p *rbacrules.Permission) bool { return permits(t, p, r) }
	switch by := p.GetRule().(type) {
	case *rbacrules.Permission_AndRules:
		return !slices.ContainsFunc(by.AndRules.GetRules(), func(p *rbacrules.Permission) bool { return !is(p) })
	case *rbacrules.Permission_OrRules:
		return slices.ContainsFunc(by.OrRules.GetRules(), is)
	case *rbacrules.Permission_NotRule:
		return !is(by.NotRule)
	case *rbacrules.Permission_Header:
		return matchesHeader(t, by.Header, r)
	}
	t.Errorf("the model does not know %T", p.GetRule())
	return false
}

func matchesHeader(t *testing.T, h *route.HeaderMatcher, r *http.Request) bool {
	values := r.Header.Values(h.GetName())
	if h.GetName() == ":method" {
		values = []string{r.Method}
	}
	switch by := h.GetHeaderMatchSpecifier().(type) {
	case *route.HeaderMatcher_PresentMatch:
		return len(values) > 0
	case *route.HeaderMatcher_StringMatch:
		return len(values) > 0 && matchesString(t, by.StringMatch, strings.Join(values, ","))
	}
	t.Errorf("the model does not know %T", h.GetHeaderMatchSpecifier())
	return false
}

func matchesString(t *testing.T, s *matcher.StringMatcher, value string) bool {
	switch by := s.GetMatchPattern().(type) {
	case *matcher.StringMatcher_Exact:
		return value == by.Exact
	case *matcher.StringMatcher_SafeRegex:
		return fullMatch(t, by.SafeRegex.GetRegex(), value)
	}
	t.Errorf("the model does not know %T", s.GetMatchPattern())
	return false
}

func fullMatch(t *testing.T, expr, value string) bool {
	re, err := regexp.Compile(`^(?:` + expr + `)$`)
	if err != nil {
		t.Error(err)
		return false
	}
	return re.MatchString(value)
}

// perRoute is what a filter is told on a route, or nil.
func perRoute[M proto.Message](t *testing.T, on *route.Route, filter string) (none M) {
	config := on.GetTypedPerFilterConfig()[filter]
	if config == nil {
		return none
	}
	message, err := config.UnmarshalNew()
	if err != nil {
		t.Error(err)
		return none
	}
	return message.(M)
}

func mutateHeader(h http.Header, remove []string, add []*core.HeaderValueOption) {
	for _, name := range remove {
		h.Del(name)
	}
	for _, option := range add {
		value := strings.ReplaceAll(option.GetHeader().GetValue(), "%%", "%")
		if option.GetAppendAction() == core.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD {
			h.Set(option.GetHeader().GetKey(), value)
		} else {
			h.Add(option.GetHeader().GetKey(), value)
		}
	}
}

package schemas

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	gateway "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/internal/cases"
)

// TestGatewayAPIAsRead plays the corpus against a gateway that does what the
// standard says and, where it leaves a choice, what lets pages read most. It may
// be wrong, as TestEnvoyAsRead may.
func TestGatewayAPIAsRead(t *testing.T) {
	t.Parallel()
	api := reflectingAPI(t)
	each(t, "gateway-api", func(t *testing.T, p cases.Policy, e export.Export) {
		var routes []gateway.HTTPRoute
		for doc := range strings.SplitSeq(e.Text(), "\n---\n") {
			text, err := yaml.YAMLToJSON([]byte(doc))
			if err != nil {
				t.Fatal(err)
			}
			var route gateway.HTTPRoute
			strictly(t, string(text), &route)
			routes = append(routes, route)
		}
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			serveRule(w, r, ruleFor(routes, r), api)
		}))
		defer s.Close()
		playCases(t, s.URL, p, e)
	})
}

// ruleFor takes the host's own routes where there are any, and of their rules
// the one of the exact path, or else of the longest prefix.
func ruleFor(routes []gateway.HTTPRoute, r *http.Request) (found *gateway.HTTPRouteRule) {
	name, _, _ := strings.Cut(strings.ToLower(r.Host), ":")
	named := slices.ContainsFunc(routes, func(route gateway.HTTPRoute) bool {
		return slices.Contains(route.Spec.Hostnames, gateway.Hostname(name))
	})
	clean, longest := normalized(r.URL.EscapedPath()), -1
	for _, route := range routes {
		if named != slices.Contains(route.Spec.Hostnames, gateway.Hostname(name)) || !named && len(route.Spec.Hostnames) > 0 {
			continue
		}
		for i := range route.Spec.Rules {
			if n := covered(route.Spec.Rules[i].Matches[0].Path, clean); n > longest {
				found, longest = &route.Spec.Rules[i], n
			}
		}
	}
	return found
}

// covered is how well a match covers a path, or -1. What is encoded in one may
// not be in the other.
func covered(match *gateway.HTTPPathMatch, clean string) int {
	decode := func(s string) string {
		decoded, err := url.PathUnescape(s)
		if err != nil {
			return s
		}
		return decoded
	}
	have, want := decode(clean), strings.TrimSuffix(decode(*match.Value), "/")
	switch {
	case *match.Type == gateway.PathMatchExact && have == want:
		return 1 << 20
	case *match.Type == gateway.PathMatchPathPrefix && (have == want || strings.HasPrefix(have, want+"/")):
		return len(want)
	}
	return -1
}

func serveRule(w http.ResponseWriter, r *http.Request, rule *gateway.HTTPRouteRule, api string) {
	if rule == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	var cors *gateway.HTTPCORSFilter
	var modify *gateway.HTTPHeaderFilter
	for _, f := range rule.Filters {
		switch f.Type {
		case gateway.HTTPRouteFilterCORS:
			cors = f.CORS
		case gateway.HTTPRouteFilterResponseHeaderModifier:
			modify = f.ResponseHeaderModifier
		}
	}
	origin := r.Header.Get("Origin")
	allowed := cors != nil && origin != "" && slices.ContainsFunc(cors.AllowOrigins, func(o gateway.CORSOrigin) bool {
		expr := strings.ReplaceAll(regexp.QuoteMeta(string(o)), `\*`, ".*")
		return regexp.MustCompile("^" + expr + "$").MatchString(origin)
	})
	if cors != nil && origin != "" && r.Method == "OPTIONS" && r.Header.Get("Access-Control-Request-Method") != "" {
		if allowed {
			answerCORS(w.Header(), r, cors, origin)
		}
		return
	}
	upstream, _ := url.Parse(api)
	proxy := httputil.NewSingleHostReverseProxy(upstream)
	proxy.ModifyResponse = func(res *http.Response) error {
		mutateHeader(res.Header, modify.Remove, nil)
		if allowed {
			shareResponse(res.Header, cors, origin)
		}
		return nil
	}
	proxy.ServeHTTP(w, r)
}

func shareResponse(h http.Header, cors *gateway.HTTPCORSFilter, origin string) {
	if slices.Contains(cors.AllowOrigins, "*") {
		origin = "*"
	}
	h.Set("Access-Control-Allow-Origin", origin)
	if cors.AllowCredentials != nil && *cors.AllowCredentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	setUnlessEmpty(h, "Access-Control-Expose-Headers", joined(cors.ExposeHeaders))
}

func answerCORS(h http.Header, r *http.Request, cors *gateway.HTTPCORSFilter, origin string) {
	shareResponse(h, cors, origin)
	h.Del("Access-Control-Expose-Headers")
	setUnlessEmpty(h, "Access-Control-Allow-Methods", joined(cors.AllowMethods))
	allowed := joined(cors.AllowHeaders)
	if allowed == "*" {
		allowed = strings.Join(r.Header.Values("Access-Control-Request-Headers"), ",")
	}
	setUnlessEmpty(h, "Access-Control-Allow-Headers", allowed)
	if cors.MaxAge > 0 {
		h.Set("Access-Control-Max-Age", strconv.Itoa(int(cors.MaxAge)))
	}
}

func joined[S ~string](list []S) string {
	var words []string
	for _, s := range list {
		words = append(words, string(s))
	}
	return strings.Join(words, ", ")
}

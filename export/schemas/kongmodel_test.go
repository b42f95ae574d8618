package schemas

import (
	"cmp"
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

	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/cases"
)

// TestKongAsRead plays the corpus against a model of Kong: its router, and the
// source of its plugins. It may be wrong, as TestEnvoyAsRead may.
func TestKongAsRead(t *testing.T) {
	t.Parallel()
	api := reflectingAPI(t)
	each(t, "kong", func(t *testing.T, p cases.Policy, e export.Export) {
		var doc struct {
			Services []struct{ Routes []*kongRoute }
		}
		if err := yaml.Unmarshal([]byte(e.Text()), &doc); err != nil {
			t.Fatal(err)
		}
		routes := doc.Services[0].Routes
		slices.SortStableFunc(routes, (*kongRoute).compare)
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			i := slices.IndexFunc(routes, func(on *kongRoute) bool { return on.matches(r) })
			if i < 0 {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			routes[i].serve(w, r, api)
		}))
		defer s.Close()
		playCases(t, s.URL, p, e)
	})
}

type kongRoute struct {
	Hosts    []string
	Paths    []string
	Priority int `yaml:"regex_priority"`
	Plugins  []struct {
		Name   string
		Config kongConfig
	}
}

type kongConfig struct {
	StatusCode  int `yaml:"status_code"`
	Origins     []string
	Methods     []string
	Headers     []string
	Exposed     []string `yaml:"exposed_headers"`
	MaxAge      *int     `yaml:"max_age"`
	Credentials bool
	Remove      struct{ Headers []string }
}

// compare sorts routes as they are tried: with a host first, then regular
// expressions, by their priority.
func (on *kongRoute) compare(other *kongRoute) int {
	rank := func(r *kongRoute) int {
		n := 0
		if len(r.Hosts) > 0 {
			n += 2
		}
		if strings.HasPrefix(r.Paths[0], "~") {
			n++
		}
		return n
	}
	return cmp.Or(rank(other)-rank(on), other.Priority-on.Priority)
}

func (on *kongRoute) matches(r *http.Request) bool {
	host, _, _ := strings.Cut(r.Host, ":")
	if len(on.Hosts) > 0 && !slices.Contains(on.Hosts, strings.ToLower(host)) {
		return false
	}
	clean := normalized(r.URL.EscapedPath())
	if expr, ok := strings.CutPrefix(on.Paths[0], "~"); ok {
		return regexp.MustCompile(`^(?:` + expr + `)`).MatchString(clean)
	}
	return strings.HasPrefix(clean, on.Paths[0])
}

func (on *kongRoute) serve(w http.ResponseWriter, r *http.Request, api string) {
	preflight := r.Method == "OPTIONS" && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
	finish := func(h http.Header, answered bool) {
		for _, p := range on.Plugins { // in the order of their priorities
			switch {
			case p.Name == "cors" && !answered:
				p.Config.allow(h, r.Header.Get("Origin"))
				if len(p.Config.Exposed) > 0 {
					h.Set("Access-Control-Expose-Headers", strings.Join(p.Config.Exposed, ","))
				}
			case p.Name == "response-transformer":
				mutateHeader(h, p.Config.Remove.Headers, nil)
			}
		}
	}
	for _, p := range on.Plugins {
		if p.Name == "request-termination" {
			w.WriteHeader(p.Config.StatusCode)
			return
		}
		if p.Name == "cors" && preflight {
			p.Config.answer(w.Header(), r)
			finish(w.Header(), true)
			w.WriteHeader(http.StatusOK)
			return
		}
	}
	upstream, _ := url.Parse(api)
	proxy := httputil.NewSingleHostReverseProxy(upstream)
	proxy.ModifyResponse = func(res *http.Response) error { finish(res.Header, false); return nil }
	proxy.ServeHTTP(w, r)
}

var kongPlain = regexp.MustCompile(`^[A-Za-z0-9.:/-]+$`)

func (c *kongConfig) allow(h http.Header, origin string) {
	h.Del("Access-Control-Allow-Origin")
	if c.Credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if slices.Contains(c.Origins, "*") || len(c.Origins) == 1 && kongPlain.MatchString(c.Origins[0]) {
		h.Set("Access-Control-Allow-Origin", c.Origins[0])
		return
	}
	for _, entry := range c.Origins {
		if entry == origin || !kongPlain.MatchString(entry) && regexp.MustCompile(entry).MatchString(origin) {
			h.Set("Access-Control-Allow-Origin", origin)
		}
	}
}

func (c *kongConfig) answer(h http.Header, r *http.Request) {
	c.allow(h, r.Header.Get("Origin"))
	h.Set("Access-Control-Allow-Methods", strings.Join(c.Methods, ","))
	allowed := c.Headers
	if len(allowed) == 0 {
		allowed = r.Header.Values("Access-Control-Request-Headers")
	}
	h.Set("Access-Control-Allow-Headers", strings.Join(allowed, ","))
	if c.MaxAge != nil {
		h.Set("Access-Control-Max-Age", strconv.Itoa(*c.MaxAge))
	}
}

// playCases plays the cases of a policy against a model. Where they do not pass,
// a loss must have been declared that says in which way.
func playCases(t *testing.T, url string, p cases.Policy, e export.Export) {
	for _, r := range corstest.Run(t.Context(), corstest.Target{URL: url, Send: true, Profiles: []fetch.Profile{fetch.Standard}}, p.Cases...) {
		effect := export.Narrower
		if r.Case.Want == corstest.Block {
			effect = export.Wider
		}
		switch {
		case r.Outcome == corstest.Passed:
		case slices.ContainsFunc(e.Losses, func(l export.Loss) bool { return l.Effect == effect }):
			t.Logf("%s: lost, as declared: %s", r.Case.Name, r.Trials[0].Fault)
		default:
			t.Errorf("%s: %s: %s\n%s", r.Case.Name, r.Outcome, r.Trials[0].Fault, e.Text())
		}
	}
}

// reflectingAPI is behind the models. It lets everybody read everything.
func reflectingAPI(t *testing.T) (url string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Expose-Headers", "X-Wrong")
		w.Header().Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
		w.Header().Set("Access-Control-Allow-Methods", r.Header.Get("Access-Control-Request-Method"))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

package cases_test

import (
	"fmt"
	"io"
	stdlog "log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/internal/cases"
)

// A stage is where pages and APIs are: one server for each scheme and port.
type stage struct {
	servers map[string]string // scheme:port as it is written, to the port that stands for it
	calls   map[string]*call  // by id

	mu   sync.Mutex
	seen map[string]map[string]bool // what has arrived, by browser and call
}

// A call is a case, ready for a browser.
type call struct {
	id      string
	policy  string // its name
	c       corstest.Case
	handler http.Handler
}

func newStage(t *testing.T) *stage {
	s := &stage{servers: make(map[string]string), calls: make(map[string]*call), seen: make(map[string]map[string]bool)}
	s.port(t, "http", "")
	for i, p := range corpus(t) {
		if strings.HasPrefix(p.Name, "schemes/") {
			continue // their pages stand in extensions and apps
		}
		policy := s.translate(t, p.File.Policy)
		for j, c := range p.Cases {
			if strings.Contains(c.Request.Origin, "[") {
				continue // the servers are at 127.0.0.1 only
			}
			s.add(t, fmt.Sprintf("%d.%d", i, j), p, policy, c)
		}
	}
	return s
}

// translate makes the policy one of the ports that there are.
func (s *stage) translate(t *testing.T, p *corsac.Policy) *corsac.Policy {
	rules := p.Rules()
	for i := range rules {
		for j, o := range rules[i].Origins {
			rules[i].Origins[j] = s.origin(t, o)
		}
	}
	translated, err := corsac.New(rules...)
	if err != nil {
		t.Fatal(err)
	}
	return translated
}

// origin is an origin or a pattern with the port that there is.
func (s *stage) origin(t *testing.T, o string) string {
	scheme, host, ok := strings.Cut(o, "://")
	if !ok || strings.HasSuffix(o, ":*") {
		return o
	}
	port := ""
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host, port = host[:i], host[i+1:]
	}
	return scheme + "://" + host + ":" + s.port(t, scheme, port)
}

// port starts a server for a scheme and a port, once.
func (s *stage) port(t *testing.T, scheme, port string) string {
	key := scheme + ":" + port
	if s.servers[key] == "" {
		server := httptest.NewUnstartedServer(s)
		server.Config.ErrorLog = stdlog.New(io.Discard, "", 0) // of connections that browsers open to be quick, and drop
		t.Cleanup(server.Close)
		if scheme == "https" {
			server.StartTLS()
		} else {
			server.Start()
		}
		_, s.servers[key], _ = net.SplitHostPort(server.Listener.Addr().String())
	}
	return s.servers[key]
}

func (s *stage) add(t *testing.T, id string, p cases.Policy, policy *corsac.Policy, c corstest.Case) {
	base, err := url.Parse("https://api.test")
	if err != nil {
		t.Fatal(err)
	}
	u, err := base.Parse(c.Request.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = u.Hostname() + ":" + s.port(t, u.Scheme, u.Port())
	path, query, _ := strings.Cut(strings.TrimPrefix(c.Request.URL, "https://"+u.Hostname()), "?")
	if i := strings.IndexByte(path, '/'); i > 0 {
		path = path[i:] // behind a port
	}
	// As it is written: browsers themselves clean paths.
	c.Request.URL = u.Scheme + "://" + u.Host + path + "?" + strings.TrimPrefix(query+"&call="+id, "&")
	c.Request.Origin = s.origin(t, c.Request.Origin)
	handler := policy.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, name := range slices.Concat(c.Reads, c.Hides) {
			w.Header().Set(name, "corsac")
		}
	}))
	s.calls[id] = &call{id, p.Name, c, handler}
}

// names are all hosts that have to be found on this machine.
func (s *stage) names() []string {
	names := make(map[string]bool)
	for _, c := range s.calls {
		for _, raw := range []string{c.c.Request.Origin, c.c.Request.URL} {
			if u, err := url.Parse(raw); err == nil && u.Hostname() != "" && net.ParseIP(u.Hostname()) == nil {
				names[u.Hostname()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// pageOf is the URL of a page of the origin.
func (s *stage) pageOf(origin string) string {
	if origin == "null" {
		return "https://sandbox.localhost:" + s.servers["https:"] + "/?sandbox"
	}
	return origin + "/"
}

// ServeHTTP serves a page, or the API of the call that the query names.
func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, ok := s.calls[r.URL.Query().Get("call")]
	if !ok {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.RawQuery == "sandbox" {
			w.Header().Set("Content-Security-Policy", "sandbox allow-scripts")
		}
		io.WriteString(w, page)
		return
	}
	what := "request"
	if r.Header.Get("Access-Control-Request-Method") != "" {
		what = "preflight"
	}
	s.note(r.UserAgent(), c.id, what)
	c.handler.ServeHTTP(w, r)
}

// page makes the calls that its parent gives it, and says what came of them.
const page = `<!doctype html><title>a page</title><script>
onmessage = ({data}) => Promise.all(data.map(({id, url, init}) => fetch(url, init).then(
	(r) => [id, {ok: true, type: r.type, read: [...r.headers.keys()]}],
	(e) => [id, {ok: false, error: String(e)}],
))).then((answers) => parent.postMessage(answers, "*"));
</script>`

// note keeps what a browser has sent. Firefox says so in its User-Agent.
func (s *stage) note(agent, id, what string) {
	browser := "chromium"
	if strings.Contains(agent, "Firefox/") {
		browser = "firefox"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := browser + " " + id
	if s.seen[key] == nil {
		s.seen[key] = make(map[string]bool)
	}
	s.seen[key][what] = true
}

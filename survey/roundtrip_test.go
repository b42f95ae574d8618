package survey

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/internal/cases"
	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/internal/origins"
	"github.com/corsac-cors/corsac/policyfile"
)

const roundTripAPI = `
	include DIR/corsac-maps.conf;
	server {
		listen ADDRESS;
		include DIR/corsac-server.conf;
		location / { proxy_pass API; }
	}
`

// TestRoundTrip exports each policy of the corpus to nginx, and surveys that.
// What comes back must be the policy, but for what testdata/roundtrip.txt lists.
// With CORSAC_UPDATE=1 the list is rewritten.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	lab.Need(t, "nginx")
	nginx, _ := export.Find("nginx")
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "not-found") {
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(api.Close)
	var all []cases.Policy
	for _, dir := range []string{"../corstest/testdata/corpus", "../export/testdata/corpus"} {
		corpus, err := cases.Corpus(dir)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, corpus...)
	}
	var lines []string
	var mu sync.Mutex
	t.Run("corpus", func(t *testing.T) {
		room := make(chan struct{}, 3)
		for _, p := range all {
			t.Run(p.Name, func(t *testing.T) {
				t.Parallel()
				room <- struct{}{}
				defer func() { <-room }()
				address := serveNginx(t, nginx.Export(p.File.Policy, p.Name), api.URL)
				s := surveyOf(t, p.File.Policy, address)
				for _, d := range differences(p.File.Policy, checked(t, s)) {
					mu.Lock()
					lines = append(lines, p.Name+": "+d)
					mu.Unlock()
				}
			})
		}
	})
	listed(t, "roundtrip.txt", lines)
}

// listed holds the differences that there are against those that are known.
func listed(t *testing.T, name string, lines []string) {
	t.Helper()
	slices.Sort(lines)
	file := filepath.Join("testdata", name)
	got := fmt.Sprintf("differences: %d\n", len(lines))
	for _, l := range lines {
		got += l + "\n"
	}
	if os.Getenv("CORSAC_UPDATE") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func serveNginx(t *testing.T, e export.Export, api string) (address string) {
	files := make(map[string]string)
	for _, f := range e.Files {
		files[f.Name] = f.Text
	}
	return lab.Nginx(t, strings.Replace(roundTripAPI, "API", api, 1), files)
}

// checked is the policy of a survey, read back as everybody else reads it. Its
// tests hold.
func checked(t *testing.T, s *Survey) *corsac.Policy {
	t.Helper()
	if s.Unsettled != "" && len(s.Rules) > 0 {
		t.Fatal(s.Unsettled)
	}
	f, err := policyfile.Parse("corsac.yaml", []byte(s.File()))
	if err != nil {
		t.Fatalf("%v\n%s", err, s.File())
	}
	reproduce(t, s, corstest.Target{Policy: f.Policy})
	return f.Policy
}

// reproduce runs the tests of a survey.
func reproduce(t *testing.T, s *Survey, on corstest.Target) {
	t.Helper()
	f, err := policyfile.Parse("corsac.yaml", []byte(s.File()))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range corstest.Run(t.Context(), on, cases.Of(f)...) {
		if r.Outcome != corstest.Passed {
			t.Errorf("%s: %s: %s\n%s", r.Case.Name, r.Outcome, r.Trials[0].Fault, s.File())
		}
	}
}

// surveyOf asks a server about a policy, told what the policy names.
func surveyOf(t *testing.T, p *corsac.Policy, address string) *Survey {
	t.Helper()
	q := Question{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}, MaxRequests: 5000}
	q.URLs = append(q.URLs, "http://any.example/")
	for _, r := range p.Rules() {
		path := (&url.URL{Path: r.Path}).EscapedPath()
		if r.Host != "" {
			q.URLs = append(q.URLs, "http://"+r.Host+"/", "http://"+r.Host+path)
		}
		q.Paths = append(q.Paths, path)
		for _, o := range r.Origins {
			q.Origins = append(q.Origins, pageOf(o)...)
		}
		q.Methods = append(q.Methods, slices.DeleteFunc(r.Methods, isStar)...)
		q.Headers = append(q.Headers, slices.DeleteFunc(r.Headers, isStar)...)
	}
	slices.Sort(q.URLs[1:])
	q.URLs, q.Paths = slices.Compact(q.URLs), slices.Compact(slices.Sorted(slices.Values(q.Paths)))
	s, err := Live(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func isStar(s string) bool { return s == "*" }

// pageOf is an origin that an entry stands for.
func pageOf(entry string) []string {
	p, _ := origins.ParsePattern(entry)
	switch {
	case p == origins.Any:
		return nil
	case p.Subdomains:
		p.Host, p.Subdomains = "www."+p.Host, false
	case p.AnyHost:
		p.Host, p.AnyHost = "one", false
	}
	if p.AnyPort {
		p.Port, p.AnyPort = "3000", false
	}
	return []string{p.String()}
}

// differences are those between two policies, in words.
func differences(want, got *corsac.Policy) (d []string) {
	at := func(p *corsac.Policy) map[string]string {
		says := make(map[string]string)
		for _, r := range p.Rules() {
			r.Origins = reduced(r.Origins)
			key := r.Host + r.Path
			r.Host, r.Path = "", ""
			for i := range r.Headers {
				r.Headers[i] = strings.ToLower(r.Headers[i])
			}
			for i := range r.Expose {
				r.Expose[i] = strings.ToLower(r.Expose[i])
			}
			says[key] = fmt.Sprintf("origins %q methods %q headers %q expose %q credentials %t max-age %s refuse-others %t timing %t",
				r.Origins, r.Methods, r.Headers, r.Expose, r.Credentials, r.MaxAge, r.RefuseOthers, r.Timing)
		}
		return says
	}
	a, b := at(want), at(got)
	for key, says := range a {
		if b[key] != says {
			d = append(d, fmt.Sprintf("%s: %s became %s", key, says, b[key]))
		}
	}
	for key, says := range b {
		if a[key] == "" {
			d = append(d, fmt.Sprintf("%s: there is a new rule: %s", key, says))
		}
	}
	return d
}

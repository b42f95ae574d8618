package explain

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab"
)

// A trial is a real server that knows nothing of CORS, until it is told what
// explain writes for it.
type trial struct {
	server string // id of its dialect
	needs  []string
	// name and certainty are how it is recognised; an empty name means that it
	// does not show.
	name      string
	certainty Certainty
	run       func(*bench) (url string)
}

// A bench is what a server is run on.
type bench struct {
	*testing.T
	config   string // what explain has written, or nothing
	upstream string // host:port of an API without CORS
}

// freeAddress keeps away from the ports that the system gives to listeners and
// connections by itself: between looking and listening, another test would get
// one of those, and answer in the server's place.
func freeAddress(t testing.TB) string {
	t.Helper()
	const first, count = 12000, 18000
	for range 100 {
		ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", first+rand.IntN(count)))
		if err == nil {
			defer ln.Close()
			return ln.Addr().String()
		}
	}
	t.Fatal("every port is taken")
	return ""
}

// serve runs a program with files in a directory of its own. In their texts and
// in the arguments, ADDRESS, HOST, PORT, UPSTREAM, CONFIG and DIR are filled in.
func (b *bench) serve(program string, files map[string]string, args ...string) string {
	b.Helper()
	address := freeAddress(b)
	_, port, _ := strings.Cut(address, ":")
	_, upstreamPort, _ := strings.Cut(b.upstream, ":")
	lab.Serve(b, address, program, func(dir string) ([]string, error) {
		fill := strings.NewReplacer("ADDRESS", address, "UPSTREAMPORT", upstreamPort, "UPSTREAM", b.upstream, "PORT", port, "CONFIG", b.config, "DIR", dir)
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(fill.Replace(text)), 0o666); err != nil {
				return nil, err
			}
		}
		filled := make([]string, len(args))
		for i, arg := range args {
			filled[i] = fill.Replace(arg)
		}
		return filled, nil
	})
	return "http://" + address
}

var trials = []trial{
	{"nginx", []string{"nginx"}, "nginx", Likely, runNginx},
	{"apache", []string{"apache"}, "Apache", Likely, runApache},
	{"caddy", []string{"caddy"}, "Caddy", Likely, runCaddy},
	{"haproxy", []string{"haproxy"}, "", "", runHAProxy},
	{"lighttpd", []string{"lighttpd"}, "lighttpd", Likely, runLighttpd},
	{"varnish", []string{"varnish"}, "Varnish, in front of another server", Certain, runVarnish},
	{"traefik", []string{"traefik"}, "", "", runTraefik},
	{"cloudflare", []string{"node"}, "", "", runWorker},
	{"express", []string{"node", "express5", "cors"}, "Express", Certain, runExpress},
	{"php", []string{"php"}, "PHP", Certain, runPHP},
	{"go", nil, "a Go server", Possible, runGo},
	{"spring", []string{"java", "spring", "tomcat9"}, "", "", runSpring},
	{"fastapi", []string{"python", "fastapi", "uvicorn"}, "FastAPI", Likely, runFastAPI},
	{"flask", []string{"python", "flask", "flask-cors"}, "Flask", Likely, runFlask},
	{"django", []string{"python", "django", "django-cors-headers"}, "Django", Possible, runDjango},
	{"rails", []string{"ruby", "rails", "rack-cors"}, "Rails", Likely, runRails},
	{"corsac", nil, "", "", runCorsac},
}

// refusing are the frameworks whose words show when they refuse an origin.
var refusing = map[string]string{"spring": "Spring", "fastapi": "Starlette or FastAPI"}

// hard is what needs everything: a method, headers, and credentials.
func hard() Question {
	q := call("DELETE", "X-A: 1", "Authorization: Bearer x")
	q.Request.Credentials, q.Send = fetch.CredentialsInclude, true
	return q
}

func TestServersAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, tr := range trials {
		if tr.name == "" {
			continue
		}
		t.Run(tr.server, func(t *testing.T) {
			t.Parallel()
			q := tr.start(t, hard(), nil)
			r := Explain(t.Context(), q)
			if r.Answer != Blocked || len(r.Causes) == 0 || r.Causes[0].Code[:4] == "CX-N" {
				t.Errorf("answer %s: %s", r.Answer, r.Headline)
			}
			if s := r.Server; s == nil || s.ID != tr.server || s.Name != tr.name || s.Certainty != tr.certainty {
				t.Errorf("the server is %+v", s)
			}
			if fix := r.Causes[0].Fix; fix.Server != tr.server || len(fix.Config) == 0 {
				t.Errorf("the fix is for %q: %v", fix.Server, fix)
			}
		})
	}
}

// TestServersMended runs each server with the text of the fix as it stands in
// the report. The page may then read, and another origin's may not.
func TestServersMended(t *testing.T) {
	t.Parallel()
	for _, tr := range trials {
		t.Run(tr.server, func(t *testing.T) {
			t.Parallel()
			config := fixFor(t, hard(), lines(401), tr.server)
			q := tr.start(t, hard(), config)
			if r := Explain(t.Context(), q); r.Answer != Readable {
				t.Errorf("%s\n%s", r.Text(Style{}), strings.Join(config, "\n"))
			}
			q.Request.Origin = "https://app.example.com.evil.example"
			r := Explain(t.Context(), q)
			if r.Answer != Blocked {
				t.Errorf("another origin: %s\n%s", r.Headline, strings.Join(config, "\n"))
			}
			if name := refusing[tr.server]; name != "" && (r.Server == nil || r.Server.Name != name || r.Server.Certainty != Certain) {
				t.Errorf("who refuses another origin is %+v, not %s", r.Server, name)
			}
		})
	}
}

// TestServersMendedForAll does the same for an API that is open to every page.
func TestServersMendedForAll(t *testing.T) {
	t.Parallel()
	for _, tr := range trials {
		t.Run(tr.server, func(t *testing.T) {
			t.Parallel()
			q := call("GET", "X-A: 1")
			config := fixFor(t, q, lines(200, "Access-Control-Allow-Origin: *"), tr.server)
			q = tr.start(t, q, config)
			for _, origin := range []string{app, "https://another.example"} {
				q.Request.Origin = origin
				if r := Explain(t.Context(), q); r.Answer != Readable {
					t.Errorf("%s\n%s", r.Text(Style{}), strings.Join(config, "\n"))
				}
			}
		})
	}
}

// TestExpressDefaults: its cors package shows itself by what it answers unless it
// is told otherwise.
func TestExpressDefaults(t *testing.T) {
	t.Parallel()
	tr := trial{needs: []string{"node", "express5", "cors"}, run: runExpress}
	r := Explain(t.Context(), tr.start(t, hard(), []string{"app.disable('x-powered-by')", "app.use(require('cors')())"}))
	fault{code: "CX-C01", tells: []string{"does the API need any"}}.judge(t, r)
	if r.Server == nil || r.Server.Name != "Express with its cors package" {
		t.Errorf("the server is %+v", r.Server)
	}
}

// fixFor is what explain writes for a server when another one has a fault.
func fixFor(t *testing.T, q Question, fault func(w httpWriter, r *httpRequest), server string) []string {
	t.Helper()
	q.Request.Origin, q.Request.URL, q.Server = app, start(t, fault).URL+"/x", server
	r := Explain(t.Context(), q)
	if len(r.Causes) == 0 || len(r.Causes[0].Fix.Config) == 0 {
		t.Fatalf("there is no configuration: %v", codesOf(r))
	}
	return r.Causes[0].Fix.Config
}

// start runs the server and returns the question, to be asked of it.
func (tr *trial) start(t *testing.T, q Question, config []string) Question {
	t.Helper()
	lab.Need(t, tr.needs...)
	upstream := httptest.NewServer(bare)
	t.Cleanup(upstream.Close)
	b := &bench{T: t, config: strings.Join(config, "\n"), upstream: upstream.Listener.Addr().String()}
	q.Request.Origin, q.Request.URL = app, tr.run(b)+"/x"
	return q
}

// TestDialectsAreTried: what is said to have been run has a trial, and nothing
// else has one.
func TestDialectsAreTried(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/explain.md")
	if err != nil {
		t.Fatal(err)
	}
	tried := make(map[string]bool)
	for _, tr := range trials {
		tried[tr.server] = true
	}
	for _, d := range dialects {
		if tried[d.id] != (d.trial != "") {
			t.Errorf("%s: tried is %v, and the table says %q", d.id, tried[d.id], d.trial)
		}
		said := d.trial
		if said == "" {
			said = "not run here"
		}
		if row := fmt.Sprintf("| `%s` | %s | %s |", d.id, d.file, said); !strings.Contains(string(page), row) {
			t.Errorf("docs/explain.md lacks %q", row)
		}
	}
	changes, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, figure := range []string{fmt.Sprintf("fixes for %d servers", len(dialects)), fmt.Sprintf("%d of its %d fixes", len(tried), len(dialects))} {
		if !strings.Contains(strings.Join(strings.Fields(string(changes)), " "), figure) {
			t.Errorf("CHANGELOG.md does not say %q", figure)
		}
	}
}

// build compiles with the go command that runs the tests, in this module.
func build(t *testing.T, source string) (program string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "main.go")
	if err := os.WriteFile(file, []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(dir, "server")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", program, file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, source)
	}
	return program
}

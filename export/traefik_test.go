package export

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/policyfile"
)

// traefikOwnFile is what a person would have beside the export.
const traefikOwnFile = `
http:
  routers:
    api:
      rule: PathPrefix(` + "`/`" + `)
    READY:
      rule: Path(` + "`/READY`" + `)
      priority: 1000
      service: ping@internal
  services:
    api:
      MIDDLEWARES
      loadBalancer:
        servers:
          - url: API
  middlewares:
    login:
      basicAuth:
        users: ['nobody:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=']
`

func TestTraefik(t *testing.T) {
	lab.Need(t, "traefik")
	pool := &traefikPool{t: t}
	prove(t, traefik, pool.start)
	t.Run("preflights", func(t *testing.T) {
		t.Parallel()
		traefikPreflightsHold(t, pool.start)
	})
}

// traefikPreflightsHold: their status is all that is lost of preflights.
func traefikPreflightsHold(t *testing.T, start start) {
	file, err := policyfile.Parse("promised.yaml", []byte(promised))
	if err != nil {
		t.Fatal(err)
	}
	url := start(t, stand{Export: traefik.Export(file.Policy, "promised.yaml"), api: serveAPI(t), auth: true})
	for _, p := range promises() {
		if p.feature != Preflights {
			continue
		}
		if faults := p.want.faults(p.send(t, url)); len(faults) > 0 {
			t.Errorf("%s: %q", p.name, faults)
		}
	}
}

// A traefikPool is some servers that take turns: a policy is a file to be
// replaced, which takes less than to start.
type traefikPool struct {
	t    testing.TB
	mu   sync.Mutex
	idle []*traefikServer
	n    int
}

type traefikServer struct{ address, dir string }

func (p *traefikPool) start(t testing.TB, s stand) string {
	p.mu.Lock()
	p.n++
	n := p.n
	server := p.take()
	p.mu.Unlock()
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.idle = append(p.idle, server)
	})
	middlewares := ""
	if s.auth {
		middlewares = "middlewares: [login]"
	}
	server.put(t, "corsac.yaml", s.Export.Text())
	// Twice: the first may have been read together with what was there before.
	for _, ready := range []string{fmt.Sprintf("read-%d", n), fmt.Sprintf("ready-%d", n)} {
		server.put(t, "own.yaml", strings.NewReplacer("READY", ready, "MIDDLEWARES", middlewares, "API", s.api).Replace(traefikOwnFile))
		server.await(t, ready)
	}
	return "http://" + server.address
}

// take has the pool's lock.
func (p *traefikPool) take() *traefikServer {
	if n := len(p.idle); n > 0 {
		s := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return s
	}
	s := &traefikServer{address: lab.FreeAddress(p.t)}
	lab.Serve(p.t, s.address, "traefik", func(dir string) ([]string, error) {
		s.dir = filepath.Join(dir, "dynamic")
		return []string{
			"--entrypoints.web.address=" + s.address, "--providers.file.directory=" + s.dir,
			"--providers.providersThrottleDuration=1ms", "--ping.manualrouting", "--log.level=ERROR",
		}, os.Mkdir(s.dir, 0o755)
	})
	return s
}

// put replaces a file at one blow.
func (s *traefikServer) put(t testing.TB, name, text string) {
	t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// client has a transport of its own: the end of a test's server closes idle
// connections of http.DefaultTransport, those of other tests included.
var client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}

func (s *traefikServer) await(t testing.TB, ready string) {
	t.Helper()
	for {
		res, err := client.Get("http://" + s.address + "/" + ready)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK && res.Header.Get("X-Reached") == "" {
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatal("Traefik does not take the files")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// FuzzTraefik: whatever a policy holds, the text has the structure that it has
// for a policy in which nothing has a meaning to it, and is no template.
func FuzzTraefik(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, plain := hostilePolicies(t, path, method, name)
		text := traefik.Export(p, source).Text()
		if strings.Contains(text, "{{") {
			t.Errorf("it is a template: %s", text)
		}
		if got, want := yamlShape(t, text), yamlShape(t, traefik.Export(plain, "corsac.yaml").Text()); got != want {
			t.Errorf("Traefik reads\n%s\nand not\n%s", got, want)
		}
	})
}

// yamlShape is a document with a place-holder for each value, and for all that is
// below some keys.
func yamlShape(t *testing.T, text string, but ...string) string {
	t.Helper()
	var doc yaml.MapSlice
	if err := yaml.UnmarshalWithOptions([]byte(text), &doc, yaml.UseOrderedMap()); err != nil {
		t.Fatalf("it is no YAML: %v\n%s", err, text)
	}
	var b strings.Builder
	var walk func(indent string, v any)
	walk = func(indent string, v any) {
		switch v := v.(type) {
		case yaml.MapSlice:
			for _, item := range v {
				fmt.Fprintf(&b, "%s%v:\n", indent, item.Key)
				if !slices.Contains(but, fmt.Sprint(item.Key)) {
					walk(indent+"  ", item.Value)
				}
			}
		case []any:
			for _, element := range v {
				b.WriteString(indent + "-\n")
				walk(indent+"  ", element)
			}
		default:
			fmt.Fprintf(&b, "%s%T\n", indent, v)
		}
	}
	walk("", doc)
	return b.String()
}

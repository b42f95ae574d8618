package export

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/lab"
)

func TestExpress(t *testing.T) {
	lab.Need(t, "node", "express4", "express5")
	t.Parallel()
	host := startNode(t)
	for _, framework := range []string{"express4", "express5", "node"} {
		t.Run(framework, func(t *testing.T) {
			prove(t, express, func(t testing.TB, s stand) string { return host.serve(t, framework, s) })
		})
	}
	t.Run("hostile", func(t *testing.T) {
		proveHostile(t, express, func(t testing.TB, s stand) string { return host.serve(t, "node", s) })
	})
}

// A nodeHost is one process that serves many apps.
type nodeHost struct{ url string }

func startNode(t testing.TB) *nodeHost {
	t.Helper()
	script, err := filepath.Abs(filepath.Join("testdata", "node", "host.cjs"))
	if err != nil {
		t.Fatal(err)
	}
	manifest := lab.Path(t, "express5") // node_modules/express5/package.json
	address := lab.FreeAddress(t)
	lab.Serve(t, address, "node", func(string) ([]string, error) {
		return []string{script, address, filepath.Dir(filepath.Dir(manifest))}, nil
	})
	return &nodeHost{"http://" + address}
}

func (h *nodeHost) serve(t testing.TB, framework string, s stand) (url string) {
	t.Helper()
	paths, err := writeFiles(t.TempDir(), s.Export)
	if err != nil {
		t.Fatal(err)
	}
	return askHost(t, h.url, map[string]any{"module": paths[0], "framework": framework, "auth": s.auth})
}

// askHost asks a host for an app, and returns its URL.
func askHost(t testing.TB, host string, wish map[string]any) (url string) {
	t.Helper()
	body, err := json.Marshal(wish)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Post(host, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	port, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("no app: %s %s %v", res.Status, port, err)
	}
	return "http://" + net.JoinHostPort("127.0.0.1", strings.TrimSpace(string(port)))
}

// TestExpressIsModule loads what is written in both ways.
func TestExpressIsModule(t *testing.T) {
	node := lab.Path(t, "node")
	t.Parallel()
	dir := t.TempDir()
	if _, err := writeFiles(dir, express.Export(tenants(t, 2), "corsac.yaml")); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"package.json": `{"type": "module"}`,
		"one.js":       "import corsac from './corsac.cjs'; console.log(typeof corsac, corsac.length)",
		"two.cjs":      "const corsac = require('./corsac.cjs'); console.log(typeof corsac, corsac.length)",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, script := range []string{"one.js", "two.cjs"} {
		out, err := exec.CommandContext(t.Context(), node, filepath.Join(dir, script)).CombinedOutput()
		if string(out) != "function 3\n" {
			t.Errorf("%s: %s %v", script, out, err)
		}
	}
}

// TestExpressAlike: Express routes /USERS/ to what is written for /users/, and
// /health/ to what is for /health. Pages of the open rule do not read these by
// writing them so.
func TestExpressAlike(t *testing.T) {
	lab.Need(t, "node", "express5")
	t.Parallel()
	policy := mustNew(t,
		corsac.Rule{Origins: []string{"*"}},
		corsac.Rule{Path: "/users/", Origins: []string{app}, RefuseOthers: true},
		corsac.Rule{Path: "/health", Origins: []string{app}})
	url := startNode(t).serve(t, "express5", stand{Export: express.Export(policy, "corsac.yaml")})
	for _, tt := range []struct {
		request, origin string
		status          int
		allow           string
	}{
		{"GET /open", evil, 200, "*"},
		{"GET /users/1", app, 200, app},
		{"GET /USERS/1", evil, 200, ""},
		{"GET /USERS/1", app, 200, ""},
		{"POST /Users", evil, 403, ""},
		{"GET /health", app, 200, app},
		{"GET /health/", evil, 200, ""},
		{"GET /HEALTH", evil, 200, ""},
		{"GET /healthy", evil, 200, "*"},
	} {
		t.Run(tt.request+" from "+tt.origin, func(t *testing.T) {
			p := promise{request: []string{tt.request, "Origin: " + tt.origin, "Content-Length: 0"}}
			res := p.send(t, url)
			if got := res.Header.Get(allowOrigin); res.StatusCode != tt.status || got != tt.allow {
				t.Errorf("%s, allowed is %q; want %d and %q", res.Status, got, tt.status, tt.allow)
			}
		})
	}
}

func FuzzExpress(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		keepsShape(t, express, "//", source, path, method, name)
	})
}

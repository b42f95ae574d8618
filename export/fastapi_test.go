package export

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/policyfile"
)

func TestFastAPI(t *testing.T) {
	start := startPython(t)
	prove(t, fastapi, start)
	t.Run("hostile", func(t *testing.T) { proveHostile(t, fastapi, start) })
}

// startPython starts one process that serves many applications.
func startPython(t *testing.T) start {
	t.Helper()
	lab.Need(t, "python", "fastapi", "uvicorn")
	script, err := filepath.Abs(filepath.Join("testdata", "python", "host.py"))
	if err != nil {
		t.Fatal(err)
	}
	address := lab.FreeAddress(t)
	lab.Serve(t, address, "python", func(string) ([]string, error) { return []string{"-B", script, address}, nil })
	return func(t testing.TB, s stand) string {
		paths, err := writeFiles(t.TempDir(), s.Export)
		if err != nil {
			t.Fatal(err)
		}
		return askHost(t, "http://"+address, map[string]any{"module": paths[0], "auth": s.auth})
	}
}

// TestFastAPIWebSocket: these do not come as HTTP requests in ASGI.
func TestFastAPIWebSocket(t *testing.T) {
	t.Parallel()
	file, err := policyfile.Parse("promised.yaml", []byte(promised))
	if err != nil {
		t.Fatal(err)
	}
	url := startPython(t)(t, stand{Export: fastapi.Export(file.Policy, "promised.yaml")}) + "/strict/socket"
	for _, tt := range []struct {
		name, origin string
		status       int
	}{
		{"a listed origin", app, http.StatusSwitchingProtocols},
		{"no origin", "", http.StatusSwitchingProtocols},
		{"another", evil, http.StatusForbidden},
		{"its own", strings.TrimSuffix(url, "/strict/socket"), http.StatusSwitchingProtocols},
	} {
		t.Run(tt.name, func(t *testing.T) {
			header := http.Header{}
			if tt.origin != "" {
				header.Set("Origin", tt.origin)
			}
			c, res, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPHeader: header})
			if res == nil || res.StatusCode != tt.status {
				t.Fatalf("%v %v, want %d", res, err, tt.status)
			}
			if c != nil {
				c.CloseNow()
			}
		})
	}
}

func FuzzFastAPI(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		keepsShape(t, fastapi, "#", source, path, method, name)
	})
}

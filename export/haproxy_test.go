package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

const haproxyCfg = `
global
    maxconn 200
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
userlist nobody
frontend api
    bind ADDRESS
CORSAC
    AUTH
    use_backend down if { path_beg /down/ }
    default_backend up
backend up
    server api API
backend down
    retries 0
    server down 127.0.0.1:1
`

func TestHAProxy(t *testing.T) {
	lab.Need(t, "haproxy")
	prove(t, haproxy, startHAProxy)
}

func startHAProxy(t testing.TB, s stand) string {
	address := lab.FreeAddress(t)
	lab.Serve(t, address, "haproxy", func(dir string) ([]string, error) {
		auth := ""
		if s.auth {
			auth = "http-request auth unless { http_auth(nobody) }"
		}
		if _, err := writeFiles(dir, s.Export); err != nil {
			return nil, err
		}
		lines := strings.ReplaceAll(s.Files[0].Text, "/etc/haproxy/", dir+"/")
		text := strings.NewReplacer("ADDRESS", address, "CORSAC", lines, "AUTH", auth, "API", strings.TrimPrefix(s.api, "http://")).Replace(haproxyCfg)
		file := filepath.Join(dir, "haproxy.cfg")
		return []string{"-db", "-f", file}, os.WriteFile(file, []byte(text), 0o644)
	})
	return "http://" + address
}

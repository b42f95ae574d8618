package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

const caddyfile = `
{
	admin off
	auto_https off
	log {
		level WARN
	}
}
import DIR/corsac.caddy
http://:PORT {
	bind 127.0.0.1
	route {
		import corsac
		AUTH
		reverse_proxy /down/* http://127.0.0.1:1
		reverse_proxy API
	}
}
`

const caddyAuth = `basicauth {
			nobody JDJhJDE0JHlOZUtQbHJPZ1FWbTZCNFBjNG9Yc3VWNWlHYmdpY1NPdWdoZ0xCL3VjNDFxRXJQTXIwZmxp
		}`

func TestCaddy(t *testing.T) {
	lab.Need(t, "caddy")
	prove(t, caddy, startCaddy)
}

func startCaddy(t testing.TB, s stand) string {
	address := lab.FreeAddress(t)
	lab.Serve(t, address, "caddy", func(dir string) ([]string, error) {
		auth := ""
		if s.auth {
			auth = caddyAuth
		}
		_, port, _ := strings.Cut(address, ":")
		text := strings.NewReplacer("DIR", dir, "PORT", port, "AUTH", auth, "API", s.api).Replace(caddyfile)
		file := filepath.Join(dir, "Caddyfile")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return nil, err
		}
		_, err := writeFiles(dir, s.Export)
		return []string{"run", "--config", file, "--adapter", "caddyfile"}, err
	})
	return "http://" + address
}

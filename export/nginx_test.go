package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

const nginxConf = `
daemon off;
master_process off;
error_log stderr;
pid DIR/nginx.pid;
events { worker_connections 256; }
http {
	access_log off;
	client_body_temp_path DIR/body;
	proxy_temp_path DIR/proxy;
	fastcgi_temp_path DIR/fastcgi;
	uwsgi_temp_path DIR/uwsgi;
	scgi_temp_path DIR/scgi;
	include DIR/corsac-maps.conf;
	server {
		listen ADDRESS;
		include DIR/corsac-server.conf;
		location / { AUTH proxy_pass API; }
		location /down/ { proxy_pass http://127.0.0.1:1; }
	}
}
`

func TestNginx(t *testing.T) {
	lab.Need(t, "nginx")
	prove(t, nginx, startNginx)
}

func startNginx(t testing.TB, s stand) string {
	address := lab.FreeAddress(t)
	lab.Serve(t, address, "nginx", func(dir string) ([]string, error) {
		auth := ""
		if s.auth {
			auth = "auth_basic api; auth_basic_user_file " + dir + "/users;"
			if err := os.WriteFile(filepath.Join(dir, "users"), nil, 0o644); err != nil {
				return nil, err
			}
		}
		conf := filepath.Join(dir, "nginx.conf")
		text := strings.NewReplacer("ADDRESS", address, "DIR", dir, "AUTH", auth, "API", s.api).Replace(nginxConf)
		if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
			return nil, err
		}
		_, err := writeFiles(dir, s.Export)
		return []string{"-p", dir, "-c", conf, "-e", "stderr"}, err
	})
	return "http://" + address
}

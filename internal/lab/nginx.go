package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const nginxFrame = `
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
	HTTP
}
`

// Nginx runs nginx until the test ends, with what is to stand in the http block
// of its configuration. In it, ADDRESS is where nginx is to listen, which is
// returned, and DIR a directory of its own, into which the files go.
func Nginx(t testing.TB, http string, files map[string]string) (address string) {
	t.Helper()
	Need(t, "nginx")
	address = FreeAddress(t)
	Serve(t, address, "nginx", func(dir string) ([]string, error) {
		conf := filepath.Join(dir, "nginx.conf")
		text := strings.Replace(nginxFrame, "HTTP", http, 1)
		text = strings.NewReplacer("ADDRESS", address, "DIR", dir).Replace(text)
		if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
			return nil, err
		}
		for name, text := range files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return nil, err
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				return nil, err
			}
		}
		// nginx may serve files as somebody else.
		return []string{"-p", dir, "-c", conf, "-e", "stderr"}, os.Chmod(dir, 0o755)
	})
	return address
}

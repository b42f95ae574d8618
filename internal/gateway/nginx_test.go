package gateway_test

import (
	"errors"
	"fmt"
	"net/http"
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
events { worker_connections 64; }
http {
	access_log off;
	client_body_temp_path DIR/body;
	proxy_temp_path DIR/proxy;
	fastcgi_temp_path DIR/fastcgi;
	uwsgi_temp_path DIR/uwsgi;
	scgi_temp_path DIR/scgi;
	server {
		listen ADDRESS;
		root DIR/www;
		client_max_body_size 10;
		add_header Access-Control-Allow-Origin * always;
		add_header Vary Accept-Encoding always;
		if ($request_method = OPTIONS) { return 405; }
	}
	server {
		listen ADDRESS2 http2;
		root DIR/www;
		add_header Access-Control-Allow-Origin $http_origin always;
	}
}
`

// startNginx serves the files of a folder in HTTP/1.1, and in HTTP/2 without
// TLS.
func startNginx(t testing.TB) (http1, h2c, www string) {
	t.Helper()
	a, b := lab.FreeAddress(t), lab.FreeAddress(t)
	lab.Serve(t, a, "nginx", func(dir string) ([]string, error) {
		www = filepath.Join(dir, "www")
		conf := filepath.Join(dir, "nginx.conf")
		text := strings.NewReplacer("ADDRESS2", b, "ADDRESS", a, "DIR", dir).Replace(nginxConf)
		return []string{"-p", dir, "-c", conf, "-e", "stderr"}, errors.Join(
			os.Chmod(dir, 0o755), // nginx may run as somebody else
			os.MkdirAll(filepath.Join(www, "folder"), 0o755),
			os.WriteFile(conf, []byte(text), 0o644))
	})
	return "http://" + a, "h2c://" + b, www
}

func TestBeforeNginx(t *testing.T) {
	t.Parallel()
	http1, h2c, www := startNginx(t)
	writeFile(t, filepath.Join(www, "users.json"), []byte(`["a","b"]`))
	if err := os.Chmod(filepath.Join(www, "users.json"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, up := range []string{http1, h2c} {
		t.Run(up[:strings.Index(up, ":")], func(t *testing.T) {
			t.Parallel()
			_, url := start(t, to(t, up))
			allowed := func(res *http.Response) {
				t.Helper()
				wantHeader(t, res, "Access-Control-Allow-Origin", app)
			}
			res, body := send(t, "GET", url+"/users.json", nil, "Origin", app)
			allowed(res)
			if res.StatusCode != 200 || body != `["a","b"]` {
				t.Errorf("got %d %q", res.StatusCode, body)
			}
			etag := res.Header.Get("Etag")

			res, _ = send(t, "GET", url+"/users.json", nil, "Origin", app, "If-None-Match", etag)
			allowed(res)
			if res.StatusCode != 304 {
				t.Errorf("got %d, want 304", res.StatusCode)
			}
			res, body = send(t, "GET", url+"/users.json", nil, "Origin", app, "Range", "bytes=2-2")
			allowed(res)
			if res.StatusCode != 206 || body != "a" {
				t.Errorf("got %d %q, want 206", res.StatusCode, body)
			}
			res, _ = send(t, "HEAD", url+"/users.json", nil, "Origin", app)
			allowed(res)
			wantHeader(t, res, "Content-Length", fmt.Sprint(len(`["a","b"]`)))

			res, _ = send(t, "GET", url+"/none", nil, "Origin", app)
			allowed(res)
			if res.StatusCode != 404 {
				t.Errorf("got %d, want 404", res.StatusCode)
			}
			res, _ = send(t, "OPTIONS", url+"/users.json", nil, "Origin", app, "Access-Control-Request-Method", "PUT")
			allowed(res)
			if res.StatusCode != 204 {
				t.Errorf("the preflight got %d", res.StatusCode)
			}
			res, _ = send(t, "GET", url+"/users.json", nil, "Origin", "https://evil.example.net")
			wantHeader(t, res, "Access-Control-Allow-Origin")
			// A redirect with nginx's own address leads back to the gateway.
			res, _ = send(t, "GET", url+"/folder", nil, "Origin", app)
			allowed(res)
			wantHeader(t, res, "Location", "/folder/")
		})
	}
}

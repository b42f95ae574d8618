package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

const nginxServers = `
	server {
		listen ADDRESS;
		root DIR/www;
		client_max_body_size 10;
		add_header Access-Control-Allow-Origin * always;
		add_header Vary Accept-Encoding always;
		if ($request_method = OPTIONS) { return 405; }
	}
	server {
		listen H2C http2;
		root DIR/www;
		add_header Access-Control-Allow-Origin $http_origin always;
	}
`

// startNginx serves a file and a folder in HTTP/1.1, and in HTTP/2 without TLS.
func startNginx(t testing.TB) (http1, h2c string) {
	t.Helper()
	h2c = lab.FreeAddress(t)
	http1 = lab.Nginx(t, strings.Replace(nginxServers, "H2C", h2c, 1), map[string]string{"www/users.json": `["a","b"]`, "www/folder/index.html": ""})
	return "http://" + http1, "h2c://" + h2c
}

func TestBeforeNginx(t *testing.T) {
	t.Parallel()
	http1, h2c := startNginx(t)
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

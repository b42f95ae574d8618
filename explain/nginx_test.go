package explain

import (
	"bytes"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

const nginxMistakes = `
	server {
		listen ADDRESS;
		root DIR/www;
		location /static/ { add_header Access-Control-Allow-Origin *; }
		location /private/ { auth_basic x; auth_basic_user_file DIR/users; add_header Access-Control-Allow-Origin * always; }
		location /down/ { add_header Access-Control-Allow-Origin *; proxy_pass http://127.0.0.1:1; }
		location /twice/ { add_header Access-Control-Allow-Origin *; proxy_pass UPSTREAM; }
		location /small/ { client_max_body_size 10; proxy_pass UPSTREAM; }
	}
`

// startMistakes starts nginx in front of a server, and returns where.
func startMistakes(t *testing.T, upstream string) string {
	t.Helper()
	return "http://" + lab.Nginx(t, strings.ReplaceAll(nginxMistakes, "UPSTREAM", upstream), map[string]string{"users": ""})
}

// TestNginx has nginx itself make the mistakes that people make with it.
func TestNginx(t *testing.T) {
	t.Parallel()
	upstream := start(t, lines(200, "Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Headers: content-type"))
	base := startMistakes(t, upstream.URL)
	for _, f := range []struct {
		path string
		ask  Question
		fault
	}{
		{"/static/a", call("GET"), fault{name: "add_header without always, 404", code: "CX-S02", tells: nil}},
		{"/static/a", call("PUT"), fault{name: "no OPTIONS for files", code: "CX-P03", tells: []string{"405"}}},
		{"/private/a", call("PUT"), fault{name: "auth_basic first", code: "CX-P01", tells: []string{"WWW-Authenticate: Basic"}}},
		{"/down/a", call("GET"), fault{name: "bad gateway", code: "CX-S04", tells: []string{"nginx answered with 502"}}},
		{"/twice/a", call("GET"), fault{name: "two layers", code: "CX-O03", tells: []string{"proxy_hide_header"}}},
		{"/small/a", with(call("POST", "Content-Type: application/json"), func(q *Question) {
			q.Send, q.Request.Body = true, bytes.Repeat([]byte("x"), 100)
		}), fault{name: "body too large", code: "CX-S03", tells: []string{"client_max_body_size"}}},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			q := f.ask
			q.Request.Origin, q.Request.URL = app, base+f.path
			r := Explain(t.Context(), q)
			f.judge(t, r)
			if r.Server == nil || r.Server.ID != "nginx" {
				t.Errorf("the server is %+v, not nginx", r.Server)
			}
		})
	}
}

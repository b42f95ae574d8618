package explain

import (
	"bytes"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/fetch"
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
		location /static/ { add_header Access-Control-Allow-Origin *; }
		location /private/ { auth_basic x; auth_basic_user_file DIR/users; add_header Access-Control-Allow-Origin * always; }
		location /down/ { add_header Access-Control-Allow-Origin *; proxy_pass http://127.0.0.1:1; }
		location /twice/ { add_header Access-Control-Allow-Origin *; proxy_pass UPSTREAM; }
		location /small/ { client_max_body_size 10; proxy_pass UPSTREAM; }
	}
}
`

// TestNginx has nginx itself make the mistakes that people make with it.
func TestNginx(t *testing.T) {
	t.Parallel()
	upstream := start(t, lines(200, "Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Headers: content-type"))
	base := startNginx(t, strings.ReplaceAll(nginxConf, "UPSTREAM", upstream.URL))
	for _, f := range []struct {
		path string
		ask  Question
		fault
	}{
		{"/static/a", call("GET"), fault{name: "add_header without always, 404", code: "CX-S02", tells: nil}},
		{"/static/a", call("PUT"), fault{name: "no OPTIONS for files", code: "CX-P03", tells: []string{"nginx"}}},
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

// TestNginxMended runs the configuration that explain writes.
func TestNginxMended(t *testing.T) {
	t.Parallel()
	refusing := start(t, lines(401))
	q := call("DELETE", "X-A: 1", "Authorization: Bearer x")
	q.Request.Origin, q.Request.URL, q.Request.Credentials, q.Server = app, refusing.URL+"/x", fetch.CredentialsInclude, "nginx"
	config := Explain(t.Context(), q).Causes[0].Fix.Config
	if len(config) == 0 {
		t.Fatal("there is no configuration")
	}
	http, _, _ := strings.Cut(nginxConf, "server {")
	upstream := start(t, bare)
	text := strings.Join(config[1:], "\n")
	text = strings.Replace(text, "# … proxy_pass as before;", "proxy_pass "+upstream.URL+"; #", 1)
	q.Request.URL, q.Send = startNginx(t, http+config[0]+"\nserver { listen ADDRESS;\n"+text+"\n} }")+"/x", true
	if r := Explain(t.Context(), q); r.Answer != Readable {
		t.Errorf("%s\n%s", r.Text(Style{}), text)
	}
}

// startNginx returns where it listens.
func startNginx(t *testing.T, conf string) string {
	t.Helper()
	nginx := lab.Path(t, "nginx")
	dir, address := t.TempDir(), freeAddress(t)
	conf = strings.NewReplacer("ADDRESS", address, "DIR", dir).Replace(conf)
	writeFile(t, filepath.Join(dir, "users"), "")
	writeFile(t, filepath.Join(dir, "nginx.conf"), conf)
	runServer(t, address, nginx, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr")
	return "http://" + address
}

func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// runServer runs a program until the test ends, and returns once it listens.
func runServer(t *testing.T, address, program string, args ...string) {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stderr = &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		if t.Failed() {
			t.Logf("%s said: %s", program, output.String())
		}
	})
	for {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s does not run: %s", program, output.String())
		case <-t.Context().Done():
			t.Fatalf("%s does not listen", program)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

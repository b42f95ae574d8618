package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/policyfile"
)

// A served command runs until the test ends, and its stderr can be read
// meanwhile.
type served struct {
	mu   sync.Mutex
	said bytes.Buffer
	stop context.CancelFunc
	code chan int
}

func (s *served) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.Write(p)
}

func (s *served) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

// client has a transport of its own: the end of a test's server closes idle
// connections of http.DefaultTransport, those of other tests included.
var client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}

func serve(t *testing.T, args ...string) *served {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	s := &served{stop: stop, code: make(chan int, 1)}
	go func() { s.code <- run(ctx, append([]string{"serve"}, args...), strings.NewReader(""), io.Discard, s) }()
	t.Cleanup(func() { s.end(t) })
	return s
}

// patience bounds what hangs.
const patience = 2 * time.Minute

// end stops the command, once.
func (s *served) end(t *testing.T) {
	t.Helper()
	s.stop()
	select {
	case code := <-s.code:
		s.code <- code
		if code != exitFine {
			t.Errorf("it ended with %d: %s", code, s)
		}
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
}

// await waits until stderr holds a match, and returns its first group.
func (s *served) await(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if m := re.FindStringSubmatch(s.String()); m != nil {
			return m[len(m)-1]
		}
	}
	t.Fatalf("it never said %s: %s", pattern, s)
	return ""
}

func (s *served) url(t *testing.T) string { return s.await(t, `(?:corsac serves |"url":")([^\s"]+)`) }

func api(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Set-Cookie", "a=b; Domain=api.example.com; Secure; SameSite=None")
		io.WriteString(w, r.Header.Get("Origin"))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func get(t *testing.T, method, url string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestServeWithoutAFile(t *testing.T) {
	t.Parallel()
	const page = "http://localhost:3000"
	to := api(t)
	s := serve(t, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--to", to, "--allow", page+",http://localhost:3001")
	url := s.url(t)

	res, body := get(t, "GET", url+"/users", "Origin", page)
	if res.StatusCode != 200 || res.Header.Get("Access-Control-Allow-Origin") != page {
		t.Errorf("got %d %q", res.StatusCode, res.Header)
	}
	if body != "" {
		t.Errorf("the API sees the origin %q", body)
	}
	if c := res.Header.Get("Set-Cookie"); c != "a=b" {
		t.Errorf("the cookie is %q", c)
	}
	res, _ = get(t, "OPTIONS", url+"/users", "Origin", "http://localhost:3001", "Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization,x-anything")
	if res.StatusCode != 204 || res.Header.Get("Access-Control-Allow-Methods") != "DELETE, PATCH, PUT" || res.Header.Get("Access-Control-Allow-Headers") != "*, Authorization" {
		t.Errorf("the preflight got %d %q", res.StatusCode, res.Header)
	}
	if res, _ = get(t, "POST", url+"/users", "Origin", "https://evil.example.net"); res.StatusCode != 403 {
		t.Errorf("a page of another origin got %d", res.StatusCode)
	}
	if res, _ = get(t, "GET", url+"/users", "Host", "rebound.example.net"); res.StatusCode != 421 {
		t.Errorf("another host got %d", res.StatusCode)
	}
	if res, body = get(t, "GET", s.await(t, `admin +(http://\S+)/metrics`)+"/metrics"); res.StatusCode != 200 || !strings.Contains(body, "corsac_decisions_total") {
		t.Errorf("/metrics: %d", res.StatusCode)
	}
	for _, want := range []string{"/ to " + to, page + ", http://localhost:3001 may read /", "GET, HEAD, POST, DELETE, PATCH, PUT", "request headers any", "msg=request"} {
		if !strings.Contains(s.String(), want) {
			t.Errorf("it did not say %q: %s", want, s)
		}
	}
	s.end(t)
}

func TestServeFlags(t *testing.T) {
	t.Parallel()
	s := serve(t, "--listen", "127.0.0.1:0", "--to", api(t), "--allow", "https://a.example", "--allow", "https://b.example", "--credentials",
		"--methods", "PUT", "--headers", "PageNumber", "--headers=ItemsPerPage", "--expose", "TotalItemsCount", "--max-age", "90s", "--log-format", "json")
	url := s.url(t)
	res, _ := get(t, "OPTIONS", url, "Origin", "https://b.example", "Access-Control-Request-Method", "PUT")
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://b.example", "Access-Control-Allow-Credentials": "true", "Access-Control-Allow-Methods": "PUT",
		"Access-Control-Allow-Headers": "ItemsPerPage, PageNumber", "Access-Control-Max-Age": "90",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	res, _ = get(t, "GET", url, "Origin", "https://a.example")
	if got := res.Header.Get("Access-Control-Expose-Headers"); got != "TotalItemsCount" {
		t.Errorf("exposed: %q", got)
	}
	s.await(t, `"msg":"request"`)
}

func TestServeWithCredentialsAlone(t *testing.T) {
	t.Parallel()
	s := serve(t, "--listen", "127.0.0.1:0", "--to", api(t), "--allow", "http://localhost:3000", "--credentials")
	res, _ := get(t, "OPTIONS", s.url(t), "Origin", "http://localhost:3000", "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization,content-type,x-csrf-token")
	if got := res.Header.Get("Access-Control-Allow-Headers"); !strings.Contains(got, "Authorization") || strings.Contains(got, "*") {
		t.Errorf("headers allowed: %q", got)
	}
	s.await(t, `(with cookies)`)
	s.await(t, `in the page +call (http://localhost:\d+) instead of http://127`) // where cookies of localhost's pages go
}

// TestServeInsecure: APIs in development have certificates of their own.
func TestServeInsecure(t *testing.T) {
	t.Parallel()
	api := httptest.NewUnstartedServer(http.NotFoundHandler())
	api.Config.ErrorLog = log.New(io.Discard, "", 0)
	api.StartTLS()
	t.Cleanup(api.Close)
	for _, tt := range []struct {
		flags []string
		want  int
	}{{nil, 502}, {[]string{"-k"}, 404}} {
		s := serve(t, append(tt.flags, "--listen", "127.0.0.1:0", "--to", api.URL, "--allow", "http://localhost:3000")...)
		if res, _ := get(t, "GET", s.url(t)); res.StatusCode != tt.want {
			t.Errorf("with %q: %d, want %d", tt.flags, res.StatusCode, tt.want)
		}
		s.end(t)
	}
}

// TestServeAnyPage: where all may read, nobody is other, whoever is named too.
func TestServeAnyPage(t *testing.T) {
	t.Parallel()
	for _, allow := range []string{"*", "*,http://localhost:3000"} {
		s := serve(t, "--listen", "127.0.0.1:0", "--to", api(t), "--allow", allow)
		res, _ := get(t, "POST", s.url(t), "Origin", "https://other.example")
		if res.StatusCode != 200 || res.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("--allow %s: got %d %q", allow, res.StatusCode, res.Header)
		}
	}
}

func TestServeHTTPS(t *testing.T) {
	t.Parallel()
	s := serve(t, "--listen", "127.0.0.1:0", "--to", api(t), "--allow", "http://localhost:3000", "--tls-self-signed")
	url := s.url(t)
	if !strings.HasPrefix(url, "https://") {
		t.Errorf("it serves %s", url)
	}
	if _, err := client.Get(url); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("its certificate is trusted: %v", err)
	}
}

func TestServeAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "corsac.yaml")
	to := api(t)
	write := func(origin string) {
		text := "rules:\n  - path: /\n    origins: [" + origin + "]\ngateway:\n  listen: 127.0.0.1:1\n  upstream: " + to + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("https://first.example")
	s := serve(t, file, "--listen", "127.0.0.1:0")
	url := s.url(t)
	res, body := get(t, "GET", url, "Origin", "https://first.example")
	if got := res.Header.Get("Access-Control-Allow-Origin"); got != "https://first.example" {
		t.Errorf("allowed: %q", got)
	}
	if body != "https://first.example" {
		t.Errorf("the API sees the origin %q", body)
	}
	write("https://second.example/")
	s.await(t, `stays in force.*second\.example/`)
	write("https://second.example")
	s.await(t, `the configuration is in force`)
	res, _ = get(t, "GET", url, "Origin", "https://second.example")
	if got := res.Header.Get("Access-Control-Allow-Origin"); got != "https://second.example" {
		t.Errorf("allowed: %q", got)
	}
	if strings.Contains(s.String(), "takes effect at the next start") {
		t.Errorf("a flag that stands over the file is taken for a change of it: %s", s)
	}
}

// TestServeFlagsOverAFile: flags complete the file before it is judged.
func TestServeFlagsOverAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "corsac.yaml")
	text := "rules: []\ngateway:\n  listen: nowhere\n  pprof: true\n  log: {format: xml}\n  upstream: " + api(t) + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, file, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log-format", "text")
	if res, _ := get(t, "GET", s.await(t, `admin +(http://\S+)/metrics`)+"/debug/pprof/"); res.StatusCode != 200 {
		t.Errorf("/debug/pprof/: %d", res.StatusCode)
	}
	s.end(t)
}

// TestServeLogsJSON: whoever reads the log with a program finds nothing else
// in it.
func TestServeLogsJSON(t *testing.T) {
	t.Parallel()
	s := serve(t, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--to", api(t), "--allow", "http://localhost:3000", "--log-format", "json")
	get(t, "GET", s.url(t)+"/users")
	s.await(t, `("msg":"request")`)
	s.end(t)
	for line := range strings.Lines(s.String()) {
		var entry struct{ Msg, Admin string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		if entry.Msg == "serving" && !strings.HasPrefix(entry.Admin, "http://127.0.0.1:") {
			t.Errorf("the admin address is missing: %s", line)
		}
	}
}

func TestOverrideTLS(t *testing.T) {
	t.Parallel()
	pair := policyfile.TLS{Cert: "cert", Key: "key"}
	made := policyfile.TLS{SelfSigned: true}
	for _, tt := range []struct {
		name string
		file policyfile.TLS
		args []string
		want policyfile.TLS
	}{
		{"a pair over nothing", policyfile.TLS{}, []string{"--tls-cert", "cert", "--tls-key", "key"}, pair},
		{"the other half", policyfile.TLS{Cert: "cert"}, []string{"--tls-key", "key"}, pair},
		{"half over a pair", policyfile.TLS{Cert: "old", Key: "key"}, []string{"--tls-cert", "cert"}, pair},
		{"a pair over a made one", made, []string{"--tls-cert", "cert", "--tls-key", "key"}, pair},
		{"a made one over a pair", pair, []string{"--tls-self-signed"}, made},
		{"none over a made one", made, []string{"--tls-self-signed=false"}, policyfile.TLS{}},
		{"none made over a pair", pair, []string{"--tls-self-signed=false"}, pair},
		{"both, which is a problem", policyfile.TLS{}, []string{"--tls-self-signed", "--tls-cert", "cert"}, policyfile.TLS{Cert: "cert", SelfSigned: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, cmd := newServing(newTerminal(nil, nil, nil))
			if err := cmd.ParseFlags(tt.args); err != nil {
				t.Fatal(err)
			}
			g := policyfile.Gateway{TLS: tt.file}
			for _, o := range s.overrides() {
				o.Set(&g)
			}
			if g.TLS != tt.want {
				t.Errorf("got %+v, want %+v", g.TLS, tt.want)
			}
		})
	}
}

func TestServeMisuse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := putIn(t, dir)
	good := put("good.yaml", "rules: []\n")
	profiled := put("profiled.yaml", "rules: []\ngateway: {pprof: true}\n")
	bad := put("bad.yaml", "rules:\n  - path: /\n    origins: [https://a.example/]\ngateway:\n  upstream: localhost:8081\n")
	circle := put("circle.yaml", "rules: []\ngateway:\n  listen: :80\n  routes: [{upstream: http://127.0.0.1}]\n")
	uncertain := put("uncertain.yaml", "rules: []\ngateway:\n  upstream: http://a\n  tls: {cert: cert.pem, key: key.pem}\n")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	taken := ln.Addr().String()
	for _, tt := range []struct {
		name string
		args []string
		code int
		says []string
	}{
		{"file and flags", []string{good, "--to", "http://a"}, exitMisuse, []string{"leave out one of the two"}},
		{"file and --insecure", []string{good, "--insecure"}, exitMisuse, []string{"leave out one of the two"}},
		{"no page", []string{"--to", "http://a"}, exitMisuse, []string{"--allow"}},
		{"no API", []string{"--allow", "http://a"}, exitMisuse, []string{"--to"}},
		{"nameless file", []string{""}, exitMisuse, []string{"empty"}},
		{"stdin", []string{"-"}, exitMisuse, []string{"name a file"}},
		{"nameless certificate", []string{good, "--tls-cert", "", "--tls-key", ""}, exitMisuse, []string{"--tls-cert"}},
		{"no hosts", []string{good, "--hosts", ""}, exitMisuse, []string{"--hosts names no host"}},
		{"two files", []string{good, good}, exitMisuse, nil},
		{"no such file", []string{filepath.Join(dir, "none.yaml")}, exitCannotTell, []string{"none.yaml"}},
		{"bad file", []string{bad}, exitNo, []string{"bad.yaml:3:15:", "bad.yaml:5:13:", `write "https://a.example"`, `write "http://localhost:8081"`}},
		{"no upstream", []string{good}, exitNo, []string{"gateway.upstream: there is no upstream"}},
		{"bad flags, all at once", []string{"--to", "x", "--allow", "localhost:3000", "--methods", "put", "--log-format", "xml", "--tls-cert", "a"}, exitNo,
			[]string{"--to: ", "--allow: ", "--methods: ", "--log-format: ", "--tls-key: "}},
		{"bad flags over a file", []string{good, "--listen", "x", "--pprof", "--tls-key", "a", "--hosts", "a/b"}, exitNo,
			[]string{"corsac: --listen: ", "corsac: --pprof: ", "say --admin", "corsac: --tls-cert: ", "corsac: --hosts: "}},
		{"a file that flags do not complete", []string{profiled, "--listen", "127.0.0.1:0"}, exitNo, []string{"profiled.yaml:2:18:", "write admin: "}},
		{"a circle", []string{"--to", "http://localhost:8080", "--allow", "http://a"}, exitNo, []string{`--to: "http://localhost:8080" is where the gateway itself listens`}},
		{"a circle in a file", []string{circle}, exitNo, []string{"circle.yaml:4:23: \"http://127.0.0.1\" is where the gateway itself listens", "choose another port"}},
		{"no certificate", []string{uncertain}, exitNo, []string{"uncertain.yaml:4:8: certificate", filepath.Join(dir, "cert.pem")}},
		{"a port that is taken", []string{"--to", "http://a", "--allow", "http://b", "--listen", taken}, exitCannotTell,
			[]string{"something listens on " + taken + " already", "choose another port with --listen"}},
		{"a port for the admin that is taken", []string{"--to", "http://a", "--allow", "http://b", "--listen", "127.0.0.1:0", "--admin", taken}, exitCannotTell,
			[]string{"something listens on " + taken + " already", "choose another port with --admin"}},
		{"nowhere to listen", []string{"--to", "http://a", "--allow", "http://b", "--listen", "192.0.2.1:80"}, exitCannotTell, []string{"192.0.2.1:80"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			ctx, stop := context.WithTimeout(t.Context(), patience)
			defer stop()
			code := run(ctx, append([]string{"serve"}, tt.args...), strings.NewReader(""), &stdout, &stderr)
			if code != tt.code {
				t.Errorf("it ended with %d, want %d: %s", code, tt.code, &stderr)
			}
			if stdout.Len() > 0 {
				t.Errorf("on stdout: %s", &stdout)
			}
			for _, want := range tt.says {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("it did not say %q: %s", want, &stderr)
				}
			}
		})
	}
}

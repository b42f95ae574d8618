package corsac_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/enforcertest"
	"github.com/corsac-cors/corsac/internal/lab"
)

func TestMiddlewareEnforces(t *testing.T) {
	t.Parallel()
	t.Run("HTTP/1.1", func(t *testing.T) { t.Parallel(); enforcertest.Run(t, startHTTP1) })
	t.Run("HTTP/2", func(t *testing.T) { t.Parallel(); enforcertest.Run(t, startHTTP2) })
	t.Run("before a reverse proxy", func(t *testing.T) { t.Parallel(); enforcertest.Run(t, startProxy) })
}

func startHTTP1(t testing.TB, rules []corsac.Rule, upstream http.Handler) string {
	return serve(t, mustNew(t, rules...).Wrap(upstream)).URL
}

func startHTTP2(t testing.TB, rules []corsac.Rule, upstream http.Handler) string {
	return "h2c://" + serve(t, mustNew(t, rules...).Wrap(upstream)).Listener.Addr().String()
}

func startProxy(t testing.TB, rules []corsac.Rule, upstream http.Handler) string {
	target, err := url.Parse(serve(t, upstream).URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		ErrorLog: log.New(io.Discard, "", 0), // of upstreams that hang up on purpose
	}
	return serve(t, mustNew(t, rules...).Wrap(proxy)).URL
}

// serve speaks both versions of HTTP.
func serve(t testing.TB, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of requests that are malformed on purpose
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// get is a request of an allowed page.
func get(t testing.TB, base string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", base+"/users/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	return withOrigin(r, appOrigin)
}

// client has a transport of its own: the end of a test's server closes idle
// connections of http.DefaultTransport, those of other tests included.
var client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}

func do(t testing.TB, r *http.Request) *http.Response {
	t.Helper()
	resp, err := client.Transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// checkShared checks that an allowed page reads the response, once.
func checkShared(t testing.TB, status int, h http.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin":      appOrigin,
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Expose-Headers":    "TotalItemsCount",
	} {
		if got := h.Values(name); !slices.Equal(got, []string{want}) {
			t.Errorf("status %d: %s: %q, want %q", status, name, got, want)
		}
	}
	if vary := strings.Join(h.Values("Vary"), ","); strings.Count(strings.ToLower(vary), "origin") != 1 {
		t.Errorf("status %d: Vary: %q, want Origin in it once", status, vary)
	}
}

func checkHidden(t testing.TB, h http.Header) {
	t.Helper()
	for name := range h {
		if corsac.IsCORSHeader(name) {
			t.Errorf("%s: %q", name, h[name])
		}
	}
}

// TestWrapCoversWhatHandlersAnswer: handlers of the standard library, each of
// which treats headers in its own way.
func TestWrapCoversWhatHandlersAnswer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /users/1", func(http.ResponseWriter, *http.Request) {})
	address := lab.FreeAddress(t)
	dead := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", address },
		ErrorLog: log.New(io.Discard, "", 0),
	}
	tests := []struct {
		name    string
		status  int
		handler http.Handler
	}{
		{"http.Error", 429, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Vary", "Origin")
			http.Error(w, "slow down", http.StatusTooManyRequests)
		})},
		{"http.Redirect", 302, http.RedirectHandler("https://login.example/", http.StatusFound)},
		{"http.NotFound", 404, http.NotFoundHandler()},
		{"ServeMux without the path", 404, http.NewServeMux()},
		{"ServeMux without the method", 405, mux},
		{"http.MaxBytesHandler", 413, http.MaxBytesHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var tooLarge *http.MaxBytesError
			if _, err := io.ReadAll(r.Body); !errors.As(err, &tooLarge) {
				t.Errorf("reading: %v", err)
			}
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		}), 1)},
		{"http.FileServer", 200, http.StripPrefix("/users/1", http.FileServer(http.Dir(dir)))},
		{"http.TimeoutHandler in time", 201, http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Vary", "Cookie")
			w.WriteHeader(201)
		}), time.Hour, "")},
		{"http.TimeoutHandler", 503, tooLate(func(h http.Handler) http.Handler { return h }, func(w http.ResponseWriter) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.WriteHeader(201)
		})},
		{"http.CrossOriginProtection", 403, http.NewCrossOriginProtection().Handler(http.NotFoundHandler())},
		{"a reverse proxy before nothing", 502, dead},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, mustNew(t, usersRule()).Wrap(tt.handler))
			r := get(t, server.URL)
			r.Method, r.Body = "POST", io.NopCloser(strings.NewReader("a=b"))
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			resp := do(t, r)
			if resp.StatusCode != tt.status {
				t.Errorf("status %d, want %d", resp.StatusCode, tt.status)
			}
			checkShared(t, resp.StatusCode, resp.Header)
		})
	}
}

// TestWrapInsideOfTimeout: what is made outside of the policy it cannot cover,
// but nothing breaks.
func TestWrapInsideOfTimeout(t *testing.T) {
	t.Parallel()
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello") })
	policy := mustNew(t, usersRule())
	inTime := serve(t, http.TimeoutHandler(policy.Wrap(hello), time.Hour, ""))
	resp := do(t, get(t, inTime.URL))
	if resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
	checkShared(t, resp.StatusCode, resp.Header)

	done := make(chan error, 1)
	late := serve(t, tooLate(policy.Wrap, func(w http.ResponseWriter) {
		_, err := fmt.Fprintln(w, "hello")
		done <- err
	}))
	if resp := do(t, get(t, late.URL)); resp.StatusCode != 503 {
		t.Errorf("status %d, want 503", resp.StatusCode)
	}
	if err := <-done; !errors.Is(err, http.ErrHandlerTimeout) {
		t.Errorf("writing late: %v", err)
	}
}

// tooLate is a handler, wrapped, that answers after http.TimeoutHandler has.
// To answer when the time is up would be too early: of a handler that has ended
// and a time that has passed, http.TimeoutHandler takes either.
func tooLate(wrap func(http.Handler) http.Handler, answer func(http.ResponseWriter)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answered := make(chan bool)
		defer close(answered)
		slow := wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-answered
			answer(w)
		}))
		http.TimeoutHandler(slow, time.Millisecond, "").ServeHTTP(w, r)
	})
}

// TestWrapPanics: whoever recovers further out answers with the policy's
// headers, and gets the panic as it was.
func TestWrapPanics(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
	}{
		{"at once", func(http.ResponseWriter, *http.Request) { panic("lost") }},
		{"after setting headers", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Vary", "Cookie")
			panic("lost")
		}},
		{"after an informational response", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			clear(w.Header())
			panic("lost")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inner := mustNew(t, usersRule()).Wrap(tt.handler)
			server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer func() {
					if e := recover(); e != "lost" {
						t.Errorf("recovered %v", e)
					}
					http.Error(w, "internal error", http.StatusInternalServerError)
				}()
				inner.ServeHTTP(w, r)
			}))
			resp := do(t, get(t, server.URL))
			if resp.StatusCode != 500 {
				t.Errorf("status %d, want 500", resp.StatusCode)
			}
			checkShared(t, resp.StatusCode, resp.Header)
		})
	}
}

// TestWrapOnOneConnection: a decision says nothing of the next request.
func TestWrapOnOneConnection(t *testing.T) {
	t.Parallel()
	server := serve(t, mustNew(t, usersRule()).Wrap(http.NotFoundHandler()))
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	br := bufio.NewReader(conn)
	for _, origin := range []string{appOrigin, evilOrigin, "", appOrigin, evilOrigin} {
		r := get(t, server.URL)
		r.Header.Set("Origin", origin)
		if err := r.Write(conn); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(br, r)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		if origin == appOrigin {
			checkShared(t, resp.StatusCode, resp.Header)
		} else {
			checkHidden(t, resp.Header)
		}
	}
}

// TestWrapStreams: a flush sends the head, with the headers, before the
// handler is done.
func TestWrapStreams(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		flush func(w http.ResponseWriter) error
	}{
		{"Flusher", func(w http.ResponseWriter) error { w.(http.Flusher).Flush(); return nil }},
		{"ResponseController", func(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			read := make(chan bool)
			server := serve(t, mustNew(t, usersRule()).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", "*")
				for _, event := range []string{"", "data: 1\n\n"} {
					io.WriteString(w, event)
					if err := tt.flush(w); err != nil {
						t.Error(err)
					}
					select {
					case <-read:
					case <-r.Context().Done():
						return
					}
				}
			})))
			resp := do(t, get(t, server.URL))
			checkShared(t, resp.StatusCode, resp.Header)
			read <- true
			line, err := bufio.NewReader(resp.Body).ReadString('\n')
			if err != nil || line != "data: 1\n" {
				t.Errorf("read %q, %v", line, err)
			}
			read <- true
		})
	}
}

// TestWrapSendsFiles: the connection is given the file itself, which it sends
// without copying.
func TestWrapSendsFiles(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(name, []byte(strings.Repeat("hello", 10_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	copyAll := func(w http.ResponseWriter, r *http.Request) {
		f, err := os.Open(name)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		w.Header().Set("Content-Length", "50000") // else the server has to make chunks of it
		io.Copy(w, f)
	}
	serveFile := func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, name) }
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
	}{{"io.Copy", copyAll}, {"http.ServeFile", serveFile}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := make(chan bool, 10)
			server := httptest.NewUnstartedServer(mustNew(t, usersRule()).Wrap(tt.handler))
			server.Listener = fileListener{server.Listener, files}
			server.Start()
			defer server.Close()
			resp := do(t, get(t, server.URL))
			checkShared(t, resp.StatusCode, resp.Header)
			if body, err := io.ReadAll(resp.Body); err != nil || len(body) != 50_000 {
				t.Errorf("read %d bytes, %v", len(body), err)
			}
			if len(files) == 0 {
				t.Error("the file was copied")
			}
		})
	}
}

// TestWrapReadsFrom: what is copied arrives, and its length is told, whether or
// not there is more of it than is read before the head.
func TestWrapReadsFrom(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, size := range []int{0, 1, 511, 512, 513, 100_000} {
		for _, end := range []error{io.EOF, broken} {
			t.Run(fmt.Sprintf("%d bytes, then %v", size, end), func(t *testing.T) {
				t.Parallel()
				server := serve(t, mustNew(t, usersRule()).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					n, err := io.Copy(w, io.MultiReader(io.LimitReader(endless{}, int64(size)), ending{end}))
					if n != int64(size) || (err != nil) != (end == broken) || err != nil && err != broken {
						t.Errorf("copied %d bytes, %v", n, err)
					}
				})))
				resp := do(t, get(t, server.URL))
				checkShared(t, resp.StatusCode, resp.Header)
				if body, err := io.ReadAll(resp.Body); err != nil || len(body) != size {
					t.Errorf("read %d bytes, %v", len(body), err)
				}
			})
		}
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

type ending struct{ err error }

func (e ending) Read([]byte) (int, error) { return 0, e.err }

// fileListener tells when a connection reads from a file by itself.
type fileListener struct {
	net.Listener
	files chan<- bool
}

func (l fileListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return fileConn{c.(*net.TCPConn), l.files}, nil
}

type fileConn struct {
	*net.TCPConn
	files chan<- bool
}

func (c fileConn) ReadFrom(r io.Reader) (int64, error) {
	from := r
	if limited, ok := r.(*io.LimitedReader); ok {
		from = limited.R
	}
	if _, ok := from.(syscall.Conn); ok {
		c.files <- true
	}
	return c.TCPConn.ReadFrom(r)
}

// TestWrapKeepsResponseController: what the server's writer can do, it can
// still do.
func TestWrapKeepsResponseController(t *testing.T) {
	t.Parallel()
	server := serve(t, mustNew(t, usersRule()).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		deadline := time.Now().Add(time.Hour)
		for name, err := range map[string]error{
			"EnableFullDuplex": c.EnableFullDuplex(),
			"SetReadDeadline":  c.SetReadDeadline(deadline),
			"SetWriteDeadline": c.SetWriteDeadline(deadline),
			"Flush":            c.Flush(),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		// Full duplex: what is read after the head has gone goes back.
		io.Copy(w, r.Body)
	})))
	body, bodyWriter := io.Pipe()
	r := get(t, server.URL)
	r.Method, r.Body = "POST", body
	resp := do(t, r)
	checkShared(t, resp.StatusCode, resp.Header)
	io.WriteString(bodyWriter, "hello")
	bodyWriter.Close()
	if echo, err := io.ReadAll(resp.Body); err != nil || string(echo) != "hello" {
		t.Errorf("read %q, %v", echo, err)
	}
}

// TestWrapHijacks: a hijacked connection is the handler's, also for a handler
// that asks by type assertion.
func TestWrapHijacks(t *testing.T) {
	t.Parallel()
	server := serve(t, mustNew(t, usersRule()).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, buf, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		buf.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
		buf.Flush()
	})))
	resp := do(t, get(t, server.URL))
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "hi" {
		t.Errorf("read %q, %v", body, err)
	}
	checkHidden(t, resp.Header)
}

// TestWrapKeepsOptionalMethods: handlers find by type assertion what the inner
// writer has, and nothing else.
func TestWrapKeepsOptionalMethods(t *testing.T) {
	t.Parallel()
	type writer = http.ResponseWriter
	type flusher = http.Flusher
	type hijacker = http.Hijacker
	type pusher = http.Pusher
	type notifier = http.CloseNotifier //lint:ignore SA1019 frameworks ask for it
	rec := httptest.NewRecorder()
	for _, inner := range []writer{
		struct{ writer }{rec},
		struct {
			writer
			flusher
		}{writer: rec},
		struct {
			writer
			hijacker
		}{writer: rec},
		struct {
			writer
			flusher
			hijacker
		}{writer: rec},
		struct {
			writer
			flusher
			pusher
		}{writer: rec},
		struct {
			writer
			flusher
			hijacker
			pusher
		}{writer: rec},
		struct { // what gin's streams are tested with
			writer
			flusher
			notifier
		}{writer: rec},
		struct { // HTTP/1.1's
			writer
			flusher
			hijacker
			notifier
		}{writer: rec},
		struct { // HTTP/2's
			writer
			flusher
			pusher
			notifier
		}{writer: rec},
		struct {
			writer
			flusher
			hijacker
			pusher
			notifier
		}{writer: rec},
	} {
		want := optional(inner)
		t.Run(strings.Join(want, " "), func(t *testing.T) {
			mustNew(t).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got := optional(w); !slices.Equal(got, want) {
					t.Errorf("has %q, want %q", got, want)
				}
				if u, ok := w.(interface{ Unwrap() http.ResponseWriter }); !ok || u.Unwrap() != inner {
					t.Error("Unwrap does not give the inner writer")
				}
			})).ServeHTTP(inner, httptest.NewRequest("GET", "/", nil))
		})
	}
}

func optional(w http.ResponseWriter) (methods []string) {
	methods = []string{"ResponseWriter"}
	if _, ok := w.(http.Flusher); ok {
		methods = append(methods, "Flusher")
	}
	if _, ok := w.(http.Hijacker); ok {
		methods = append(methods, "Hijacker")
	}
	if _, ok := w.(http.Pusher); ok {
		methods = append(methods, "Pusher")
	}
	//lint:ignore SA1019 frameworks ask for it
	if _, ok := w.(http.CloseNotifier); ok {
		methods = append(methods, "CloseNotifier")
	}
	return methods
}

// TestWrapPushes: HTTP/2's writer can push, where the client wants it to; this
// one does not.
func TestWrapPushes(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(mustNew(t, usersRule()).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, ok := w.(http.Pusher)
		if !ok {
			t.Errorf("%s: no Pusher", r.Proto)
			return
		}
		if err := p.Push("/style.css", nil); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Push: %v, want http2's own error", err)
		}
		w.(http.Flusher).Flush()
	})))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	resp, err := server.Client().Do(get(t, server.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.ProtoMajor != 2 {
		t.Errorf("spoke %s", resp.Proto)
	}
	checkShared(t, resp.StatusCode, resp.Header)
}

// TestWrapQuotesLittle: the answer to what is refused names the origin, and
// does not grow with it.
func TestWrapQuotesLittle(t *testing.T) {
	t.Parallel()
	rule := usersRule()
	rule.RefuseOthers = true
	handler := mustNew(t, rule).Wrap(http.NotFoundHandler())
	for _, origin := range []string{strings.Repeat("\xff", 1<<20), strings.Repeat("ü", 1<<20), strings.Repeat("a", 1<<20)} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, withOrigin(httptest.NewRequest("POST", "/users/1", nil), origin))
		if size := w.Body.Len(); w.Code != 403 || size > 2<<10 {
			t.Errorf("origin %.10q…: status %d, %d bytes", origin, w.Code, size)
		}
	}
}

// TestWrapAnswersHugeQuestions: where the server lets a megabyte through, the
// answer is the one to any preflight.
func TestWrapAnswersHugeQuestions(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(mustNew(t, usersRule()).Wrap(http.NotFoundHandler()))
	server.Config.MaxHeaderBytes = 4 << 20
	server.Start()
	defer server.Close()
	for _, names := range []string{strings.Repeat(",", 1<<20), "a" + strings.Repeat(" ", 1<<20) + "a", strings.Repeat("authorization,", 1<<16)} {
		r := get(t, server.URL)
		r.Method = "OPTIONS"
		r.Header.Set("Access-Control-Request-Method", "PUT")
		r.Header.Set("Access-Control-Request-Headers", names)
		resp := do(t, r)
		if allowed := resp.Header.Get("Access-Control-Allow-Headers"); resp.StatusCode != 204 || allowed != "Authorization, ItemsPerPage, PageNumber" {
			t.Errorf("status %d, allowed headers %q", resp.StatusCode, allowed)
		}
	}
}

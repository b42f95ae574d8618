package enforcertest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"
)

// handlers are upstreams that meddle with the headers that are the policy's, in
// every way and at every time, and ways to write a response.
func handlers() (trials []Trial) {
	for _, h := range []struct {
		name  string
		serve http.HandlerFunc
	}{
		{"sets before", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			fmt.Fprintln(w, "hello")
		}},
		{"echoes the origin", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			fmt.Fprintln(w, "hello")
		}},
		{"adds to what may be there", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Access-Control-Allow-Origin", "null")
			w.Header().Add("Access-Control-Expose-Headers", "X-Secret")
			fmt.Fprintln(w, "hello")
		}},
		{"says everything there is", func(w http.ResponseWriter, r *http.Request) { generous(200).ServeHTTP(w, r) }},
		{"spells in lower case", func(w http.ResponseWriter, r *http.Request) {
			w.Header()["access-control-allow-origin"] = []string{"*"}
			w.Header()["aCCESS-control-ALLOW-credentials"] = []string{"true"}
			fmt.Fprintln(w, "hello")
		}},
		{"deletes", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Del("Access-Control-Allow-Origin")
			w.Header().Del("Vary")
			fmt.Fprintln(w, "hello")
		}},
		{"clears all", func(w http.ResponseWriter, r *http.Request) {
			clear(w.Header())
			fmt.Fprintln(w, "hello")
		}},
		{"sets between flushes", func(w http.ResponseWriter, r *http.Request) {
			flush(w)
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Vary", "Cookie")
			fmt.Fprintln(w, "hello")
			flush(w)
			clear(w.Header())
			fmt.Fprintln(w, "hello")
		}},
		{"sets after the head", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			w.Header().Set("Access-Control-Allow-Origin", "*")
			clear(w.Header())
			fmt.Fprintln(w, "hello")
		}},
		{"sets after the body", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, "hello")
			w.Header().Set("Access-Control-Allow-Origin", "*")
		}},
		{"writes a string", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }},
		{"copies a file", func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "a.txt", time.Time{}, bytes.NewReader([]byte("hello")))
		}},
		{"sets while it is copied from", func(w http.ResponseWriter, r *http.Request) {
			io.Copy(w, readerFunc(func(b []byte) (int, error) {
				w.Header().Set("Access-Control-Allow-Origin", "*")
				w.Header().Del("Vary")
				return copy(b, "hello"), io.EOF
			}))
		}},
		{"copies nothing, and sets", func(w http.ResponseWriter, r *http.Request) {
			io.Copy(w, readerFunc(func([]byte) (int, error) { return 0, io.EOF }))
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Del("Vary")
			fmt.Fprintln(w, "hello")
		}},
		{"writes much", func(w http.ResponseWriter, r *http.Request) {
			for range 100 {
				io.WriteString(w, "hello, this is much more than a buffer holds: ")
				w.Write(make([]byte, 1<<10))
			}
		}},
		{"declares trailers", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Trailer", "X-Sum")
			fmt.Fprintln(w, "hello")
			w.Header().Set("X-Sum", "1")
		}},
		{"loses the request's origin", func(w http.ResponseWriter, r *http.Request) {
			clear(r.Header)
			r.Method, r.Host, r.URL.Path = "POST", "other", "/other"
			fmt.Fprintln(w, "hello")
		}},
		{"changes the request's origin", func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Origin", evil)
			r.Header["Origin"][0] = evil
			fmt.Fprintln(w, "hello")
		}},
	} {
		trials = append(trials,
			Trial{Name: h.name + ", origin allowed", Rules: usersRules(), Upstream: h.serve, Request: request("GET /users/1", origin(app)), Want: shares(app)},
			Trial{Name: h.name + ", origin not allowed", Rules: usersRules(), Upstream: h.serve, Request: request("GET /users/1", origin(evil)), Want: hides()},
			Trial{Name: h.name + ", no origin", Rules: usersRules(), Upstream: h.serve, Request: request("GET /users/1"), Want: hides()},
		)
	}
	return append(trials, silent()...)
}

// silent are upstreams that say little or nothing.
func silent() []Trial {
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	empty := func(a Answer) Answer { a.Body = ""; return a }
	dies := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	star := public()
	return []Trial{
		{Name: "writes nothing, origin allowed", Rules: usersRules(), Upstream: nothing, Request: request("GET /users/1", origin(app)), Want: empty(shares(app))},
		{Name: "writes nothing, origin not allowed", Rules: usersRules(), Upstream: nothing, Request: request("GET /users/1", origin(evil)), Want: empty(hides())},
		{Name: "writes nothing, star", Rules: star, Upstream: nothing, Request: request("GET /"),
			Want: Answer{Status: 200, CORS: []string{"Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: ETag"}, Upstream: Reached}},
		// A proxy answers for it, with the policy's headers; a handler's server hangs up.
		{Name: "dies, origin allowed", Rules: usersRules(), Upstream: dies, Request: request("GET /users/1", origin(app)),
			Want: Answer{Loose: true, CORS: readable(app), Upstream: Reached}},
		{Name: "dies, origin not allowed", Rules: usersRules(), Upstream: dies, Request: request("GET /users/1", origin(evil)),
			Want: Answer{Loose: true, Upstream: Reached}},
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func flush(w http.ResponseWriter) {
	if err := http.NewResponseController(w).Flush(); err != nil {
		panic(err)
	}
}

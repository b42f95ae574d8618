package pages

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// everything is a server with an answer of each kind.
func everything() *http.ServeMux {
	m := http.NewServeMux()
	handle := m.HandleFunc
	handle("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!doctype html><title>page</title>")
	})
	handle("/status/{status}", func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.PathValue("status"))
		w.WriteHeader(status)
		if status != http.StatusResetContent { // which has none, and net/http does not know it
			io.WriteString(w, "the body")
		}
	})
	handle("/redirect/{status}", func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.PathValue("status"))
		http.Redirect(w, r, "/echo", status)
	})
	handle("/echo", func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			panic(err)
		}
		media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
		if media == "multipart/form-data" {
			n = 0 // its boundary is as long as the browser likes
		}
		fmt.Fprint(w, strings.TrimSpace(fmt.Sprintf("%s %d %s", r.Method, n, media)))
	})
	handle("/headers", func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Cache-Control": "no-store", "Content-Language": "de", "Expires": "0", "X-Exposed": "a, b", "Content-Disposition": "attachment",
			"Last-Modified": time.Unix(1e9, 0).UTC().Format(http.TimeFormat),
		} {
			w.Header().Set(name, value)
		}
		w.Header().Add("X-Exposed", "c")
		io.WriteString(w, "headers")
	})
	handle("/challenge", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="users"`)
		w.WriteHeader(http.StatusUnauthorized)
	})
	handle("/gzip", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, "compressed")
		z.Close()
	})
	handle("/range", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "digits.txt", time.Unix(1e9, 0), strings.NewReader("0123456789"))
	})
	handle("/long", func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, 5<<20)) })
	handle("/hints", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</module.js>; rel=preload; as=script")
		w.WriteHeader(http.StatusEarlyHints)
		io.WriteString(w, "after hints")
	})
	handle("/tagged", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		http.ServeContent(w, r, "tagged.txt", time.Time{}, strings.NewReader("tagged"))
	})
	handle("/parts", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first;")
		http.NewResponseController(w).Flush()
		pause := 100 * time.Millisecond
		if r.URL.RawQuery == "longer" { // than any page needs to read the first
			pause = 20 * time.Second
		}
		select {
		case <-r.Context().Done():
		case <-time.After(pause):
			io.WriteString(w, "second")
		}
	})
	handle("/cut", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "length" {
			w.Header().Set("Content-Length", "100")
		}
		io.WriteString(w, "the beginning")
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	handle("/events", func(w http.ResponseWriter, r *http.Request) {
		last, _ := strconv.Atoi(r.Header.Get("Last-Event-ID"))
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "retry: 10\nid: %d\ndata: after %d\n\n", last+1, last)
	})
	handle("/socket", func(w http.ResponseWriter, r *http.Request) {
		socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"users"}, InsecureSkipVerify: true})
		if err != nil {
			return
		}
		defer socket.CloseNow()
		socket.SetReadLimit(1 << 20)
		for {
			kind, data, err := socket.Read(r.Context())
			if err != nil || string(data) == "close" {
				socket.Close(4000, "as asked")
				return
			}
			socket.Write(r.Context(), kind, data)
		}
	})
	handle("/image", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><rect width="2" height="2" fill="red"/></svg>`)
	})
	handle("/module.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		io.WriteString(w, "export default 42")
	})
	return m
}

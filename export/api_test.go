package export

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// serveAPI serves the API behind the servers, and returns its URL. It has CORS
// headers and a Vary of its own, which know nothing of the policy. The query
// says how it answers:
//
//	?status=404     with that status; a redirect leads to /elsewhere; 304 only
//	                if the request says If-None-Match, as caches may not
//	?bare           without any header of its own
//	?lines          with several lines of them
//
// /down/ is where it ends connections without a word, for servers that cannot
// have a part of it elsewhere.
//
// X-Reached: METHOD PATH tells that a request has come this far, and X-Upgrade:
// none that it did so without that header.
func serveAPI(t testing.TB) (url string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(api))
	t.Cleanup(s.Close)
	return s.URL
}

func api(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/down/") {
		panic(http.ErrAbortHandler)
	}
	q, _ := url.ParseQuery(r.URL.RawQuery)
	h := w.Header()
	h.Set("X-Reached", r.Method+" "+r.URL.EscapedPath())
	if !q.Has("bare") {
		h.Set("Access-Control-Allow-Origin", "https://wrong.example")
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", "X-Wrong")
		h.Set("Vary", "Accept-Encoding")
	}
	if q.Has("lines") {
		h.Add("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		h.Add("Access-Control-Allow-Methods", "GET")
		h.Add("Vary", "Cookie, ORIGIN")
	}
	if r.Header.Get("Upgrade") == "" {
		h.Set("X-Upgrade", "none")
	}
	h.Set("ETag", `"1"`)
	status, err := strconv.Atoi(q.Get("status"))
	if err != nil || status == http.StatusNotModified && r.Header.Get("If-None-Match") == "" {
		status = http.StatusOK
	}
	if status >= 300 && status < 400 && status != http.StatusNotModified {
		h.Set("Location", "/elsewhere")
	}
	w.WriteHeader(status)
	if status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified {
		io.WriteString(w, "hello")
	}
}

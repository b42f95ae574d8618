package demo

import (
	"embed"
	"net"
	"net/http"
	"strconv"
	"strings"
)

//go:embed page
var embeddedPage embed.FS

// page is the front end: the page's files, and what the page asks its own origin for.
func (s *stage) page() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(sub(embeddedPage, "page")))
	mux.HandleFunc("GET /scene.json", s.serveScene)
	mux.HandleFunc("GET /wire", s.serveWire)
	return s.guard(mux)
}

// guard lets the page load from and talk to the demo only, and answers to the demo's name only: a
// stranger's name that points here (DNS rebinding) would make a stranger's page of the same origin. Whoever
// comes by localhost is sent to the name of the others: to a browser those are two sites, and it would
// not keep the cookie.
func (s *stage) guard(next http.Handler) http.Handler {
	policy := strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
		"connect-src 'self' " + s.gateway.url + " " + s.api.url,
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		ours := strings.TrimPrefix(s.frontEnd.url, "http://")
		_, port, _ := net.SplitHostPort(ours)
		switch r.Host {
		case ours:
			next.ServeHTTP(w, r)
		case strings.TrimSuffix("localhost:"+port, ":"):
			http.Redirect(w, r, s.frontEnd.url+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		default:
			http.Error(w, "this is the Corsac demo: open "+s.frontEnd.url, http.StatusMisdirectedRequest)
		}
	})
}

// serveScene tells the page where everything is.
func (s *stage) serveScene(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, "application/json", map[string]string{
		"frontEnd": s.frontEnd.url,
		"gateway":  s.gateway.url,
		"api":      s.api.url,
		"token":    Token,
		"database": s.store.String(),
		"policy":   s.policy,
	})
}

// serveWire answers GET /wire?after=17 with the exchanges since the one of that id. It is for the page
// only: whoever may read it reads tokens and cookies.
func (s *stage) serveWire(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if err != nil {
		problem{Status: http.StatusBadRequest, Detail: "after is " + quoted(r.URL.Query().Get("after")) + ": give the id of an exchange, or 0"}.write(w)
		return
	}
	exchanges, latest := s.wire.After(id)
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"exchanges": exchanges, "latest": latest})
}

package corsac_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac"
)

// TestWrapChangesNothingElse: but for its headers, a client sees with the policy
// what it sees without: interim responses, head, body, trailers, and how it ends.
func TestWrapChangesNothingElse(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.html")
	if err := os.WriteFile(file, []byte("<html>"+strings.Repeat("hello", 2_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	policy := mustNew(t, usersRule())
	for name, handler := range handlersOfAllKinds(file) {
		for _, protocol := range []string{"HTTP/1.1", "HTTP/2"} {
			t.Run(name+" "+protocol, func(t *testing.T) {
				t.Parallel()
				bare, wrapped := serve(t, handler).URL, serve(t, policy.Wrap(handler)).URL
				transport := &http.Transport{Protocols: new(http.Protocols)}
				transport.Protocols.SetHTTP1(protocol == "HTTP/1.1")
				transport.Protocols.SetUnencryptedHTTP2(protocol == "HTTP/2")
				defer transport.CloseIdleConnections()
				for _, q := range []struct{ method, name, value string }{
					{"GET", "Accept", "*/*"},
					{"HEAD", "Accept", "*/*"},
					{"POST", "Content-Type", "text/plain"},
					{"GET", "Range", "bytes=1-3"},
					{"GET", "Range", "bytes=999999-"},
					{"GET", "If-None-Match", `"tag"`},
				} {
					ask := func(base string) string {
						r, err := http.NewRequestWithContext(t.Context(), q.method, base+"/users/1", nil)
						if err != nil {
							t.Fatal(err)
						}
						if q.method == "POST" {
							r.Body, r.ContentLength = io.NopCloser(strings.NewReader("hello")), 5
						}
						r.Header.Set(q.name, q.value)
						return tell(transport, withOrigin(r, appOrigin))
					}
					if diff := cmp.Diff(ask(bare), ask(wrapped)); diff != "" {
						t.Errorf("%s, %s: %s (-bare +wrapped):\n%s", q.method, q.name, q.value, diff)
					}
				}
			})
		}
	}
}

// tell is what a client learns from an answer, without what the policy says.
func tell(transport http.RoundTripper, r *http.Request) string {
	var told strings.Builder
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		fmt.Fprintln(&told, code, lines(http.Header(h)))
		return nil
	}}
	resp, err := transport.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if err != nil {
		fmt.Fprintln(&told, "no answer")
		return told.String()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Fprintln(&told, resp.Status, resp.Proto, resp.ContentLength, resp.TransferEncoding, resp.Close)
	fmt.Fprintf(&told, "%s\n%.50q (%d bytes), ends well: %t\n%s", lines(resp.Header), body, len(body), err == nil, lines(resp.Trailer))
	return told.String()
}

func lines(h http.Header) string {
	var told strings.Builder
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if name != "Vary" && name != "Date" && !corsac.IsCORSHeader(name) {
			fmt.Fprintf(&told, "%s: %q\n", name, h[name])
		}
	}
	return told.String()
}

func handlersOfAllKinds(file string) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"nothing":         func(w http.ResponseWriter, r *http.Request) {},
		"http.ServeFile":  func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) },
		"http.Redirect":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusTemporaryRedirect) },
		"io.WriteString":  func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html>") },
		"io.Copy of body": func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) },
		"io.Copy of much": func(w http.ResponseWriter, r *http.Request) {
			io.Copy(w, strings.NewReader(strings.Repeat("a", 10_000)))
		},
		"io.Copy, limited": func(w http.ResponseWriter, r *http.Request) { io.CopyN(w, strings.NewReader("<html>"), 3) },
		"http.ServeContent": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"tag"`)
			http.ServeContent(w, r, "a.txt", time.Unix(1, 0), strings.NewReader("hello"))
		},
		"more than announced": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "3")
			io.WriteString(w, "abc")
			io.WriteString(w, "def")
		},
		"body where none may be": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusNoContent)
			io.Copy(w, strings.NewReader("hello"))
		},
		"two heads": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			w.Header().Set("X-Late", "1")
			w.WriteHeader(http.StatusTeapot)
			io.WriteString(w, "hello")
		},
		"headers taken away": func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Type"] = nil
			io.WriteString(w, "<html>")
		},
		"early hints": func(w http.ResponseWriter, r *http.Request) {
			for _, link := range []string{"</a.css>", "</b.css>"} {
				w.Header().Add("Link", link)
				w.WriteHeader(http.StatusEarlyHints)
			}
			w.Header().Set("X-Late", "1")
		},
		"flush first": func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			w.Header().Set("X-Late", "1")
			io.WriteString(w, "hello")
		},
		"trailers, announced": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Trailer", "X-Sum")
			io.WriteString(w, "hello")
			w.(http.Flusher).Flush()
			w.Header().Set("X-Sum", "1")
		},
		"trailers by prefix": func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "hello")
			w.(http.Flusher).Flush()
			w.Header().Set(http.TrailerPrefix+"X-Sum", "1")
		},
		"status that is none": func(w http.ResponseWriter, r *http.Request) {
			defer func() { http.Error(w, fmt.Sprint(recover()), http.StatusInternalServerError) }()
			w.WriteHeader(0)
		},
		"full duplex": func(w http.ResponseWriter, r *http.Request) {
			c := http.NewResponseController(w)
			fmt.Fprintln(w, c.EnableFullDuplex(), c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{}))
			io.Copy(w, r.Body)
		},
		"http.TimeoutHandler": http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-A", "1")
			io.Copy(w, strings.NewReader("hello"))
		}), time.Hour, "").ServeHTTP,
		"panic":                func(w http.ResponseWriter, r *http.Request) { panic("lost") },
		"http.ErrAbortHandler": func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) },
		"hijack": func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			conn, buf, err := http.NewResponseController(w).Hijack()
			if err != nil {
				http.Error(w, err.Error(), http.StatusNotImplemented)
				return
			}
			defer conn.Close()
			buf.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n")
			if r.Method != "HEAD" {
				buf.WriteString("hello")
			}
			buf.Flush()
			_, err = io.WriteString(w, "x")
			if err != http.ErrHijacked {
				panic(err)
			}
		},
	}
}

package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
)

// hello is the handler behind every middleware.
var hello http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	w.Write(greeting)
})

// typed is a handler that says of what type its answer is, as most do. The slice
// is shared here so that the handler allocates nothing.
var typed http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	w.Header()["Content-Type"] = plainText
	w.Write(greeting)
})

var plainText = []string{"text/plain"}

var greeting = []byte("Hello, World!")

// A sink is a ResponseWriter that does nothing, with the optional methods of
// net/http's own for HTTP/1.1, because what a middleware has to do with them is
// part of its cost. Its header map is cleared and used again, as a new one for
// each request would hide the middlewares behind the harness.
type sink struct{ header http.Header }

func newSink() *sink { return &sink{header: make(http.Header, 8)} }

func (s *sink) Header() http.Header                 { return s.header }
func (s *sink) WriteHeader(int)                     {}
func (s *sink) Write(b []byte) (int, error)         { return len(b), nil }
func (s *sink) WriteString(b string) (int, error)   { return len(b), nil }
func (s *sink) ReadFrom(r io.Reader) (int64, error) { return io.Copy(io.Discard, r) }
func (s *sink) Flush()                              {}
func (s *sink) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, errors.New("a sink has no connection")
}

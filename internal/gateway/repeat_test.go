//go:build unix

package gateway

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// TestRequestIsRepeatedOnce, however many lines there are on which it could be
// tried: it may be the request itself that the upstream dies of.
func TestRequestIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	const lines = 8
	var together sync.WaitGroup
	together.Add(lines)
	var deadly atomic.Int64
	s := startScripted(t, func(n int, r *http.Request, conn net.Conn) bool {
		if r.URL.Path == "/deadly" {
			deadly.Add(1)
			return true
		}
		together.Done()
		together.Wait()
		return says(noContent)(n, r, conn)
	})
	c := testCarrier(t)
	var all sync.WaitGroup
	for range lines {
		all.Go(func() { look(t, c, request(t, "GET", s.url, nil)) })
	}
	all.Wait()
	if got := look(t, c, request(t, "GET", s.url+"/deadly", nil)); !got.Err {
		t.Errorf("%+v", got)
	}
	if n := deadly.Load(); n != 2 {
		t.Errorf("it was sent %d times", n)
	}
	if got := look(t, c, request(t, "POST", s.url+"/deadly", nil)); !got.Err || deadly.Load() != 3 {
		t.Errorf("%+v, after %d", got, deadly.Load())
	}
}

// TestUpstreamThatWaitedTooLong: what an upstream says to an idle connection may
// come when a request is on its way, to which it is no answer.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9
func TestUpstreamThatWaitedTooLong(t *testing.T) {
	t.Parallel()
	s := startScripted(t, func(n int, r *http.Request, conn net.Conn) bool {
		if n == 1 {
			return says("HTTP/1.1 408 Request Timeout\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlate"+hangUp)(n, r, conn)
		}
		return says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")(n, r, conn)
	})
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "OPTIONS": 200, "POST": 408, "DELETE": 408} {
		c := testCarrier(t)
		look(t, c, request(t, "GET", s.url, nil))
		if got := look(t, c, request(t, method, s.url, nil)); got.Status != want || got.Err {
			t.Errorf("%s: %+v", method, got)
		}
	}
	always := startScripted(t, says("HTTP/1.1 408 Request Timeout\r\nContent-Length: 4\r\n\r\nlate"))
	c := testCarrier(t)
	for range 2 {
		if got := look(t, c, request(t, "GET", always.url, nil)); got.Status != 408 || got.Body != "late" {
			t.Errorf("%+v", got)
		}
	}
}

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

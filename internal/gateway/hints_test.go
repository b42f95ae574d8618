package gateway_test

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"testing"
)

// TestClientsThatLeaveAtAHint: net/http writes hints in HTTP/2 from another
// goroutine, and does not wait for that where the client has left. What the next
// hint or the response is made of must not be what it reads: two that use a map
// at a time end the whole program. Only a test with -race sees it each time.
func TestClientsThatLeaveAtAHint(t *testing.T) {
	t.Parallel()
	hints := strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nX-A: a\r\nX-B: b\r\n\r\n", 100)
	_, url := start(t, to(t, rawUpstream(t, hints+"HTTP/1.1 204 No Content\r\n\r\n")))
	client := wire{front: "h2c"}.client(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 25 {
				ctx, leave := context.WithCancel(t.Context())
				req := newRequest(t, "GET", url, nil).WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
					Got1xxResponse: func(int, textproto.MIMEHeader) error {
						leave()
						return nil
					},
				}))
				if res, err := client.Do(req); err == nil {
					res.Body.Close()
				}
				leave()
			}
		})
	}
	all.Wait()
	if res := do(t, client, newRequest(t, "GET", url, nil)); res.StatusCode != http.StatusNoContent {
		t.Errorf("got %d", res.StatusCode)
	}
}

//go:build unix

package gateway

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestUpstreamThatIsAsked whether it will take a body may say other things
// first, and has no more time than for any head.
func TestUpstreamThatIsAsked(t *testing.T) {
	t.Parallel()
	const wait = time.Minute
	const asked, hints = "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
	for _, tt := range []struct {
		name   string
		says   string // before it reads the body
		length int64
		took   time.Duration
		err    error
	}{
		{"it asks", asked, 5, 0, nil},
		{"it asks, for chunks", asked, -1, 0, nil},
		{"it says nothing", "", 5, continueWait, nil},
		{"it hints, and asks", hints + asked, 5, 0, nil},
		{"it hints, and asks for nothing", hints, 5, continueWait, nil},
		{"it hints, and asks for no chunks", hints + hints, -1, continueWait, nil},
		{"it stops within a head", "HTTP/1.1 100 Cont", 5, wait, os.ErrDeadlineExceeded},
		{"it stops within a hint", hints + "H", 5, wait, os.ErrDeadlineExceeded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCarrier(transportKey{response: wait})
				defer c.forget()
				c.dial = func(context.Context, string, string) (net.Conn, error) {
					ours, theirs := net.Pipe()
					go func() {
						defer theirs.Close()
						in := bufio.NewReader(theirs)
						r, err := http.ReadRequest(in)
						if err != nil {
							return
						}
						io.WriteString(theirs, tt.says)
						if body, err := io.ReadAll(r.Body); string(body) == "hello" && err == nil {
							io.WriteString(theirs, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
						}
					}()
					return ours, nil
				}
				r, err := http.NewRequestWithContext(t.Context(), "POST", "http://piped.test", strings.NewReader("hello"))
				if err != nil {
					t.Fatal(err)
				}
				r.ContentLength = tt.length
				r.Header.Set("Expect", "100-continue")
				begun := time.Now()
				res, err := c.RoundTrip(r)
				if !errors.Is(err, tt.err) || err == nil && res.StatusCode != 204 {
					t.Errorf("got %v, %v", res, err)
				}
				if took := time.Since(begun); took != tt.took {
					t.Errorf("it took %s, want %s", took, tt.took)
				}
			})
		})
	}
}

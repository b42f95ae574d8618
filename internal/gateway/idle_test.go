package gateway_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/corsac-cors/corsac/policyfile"
)

// TestIdleConnection: a connection that has served is kept for as long as the
// file says, and not for longer, whoever has answered last.
func TestIdleConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const idle = 2 * time.Minute
		c := to(t, "")
		c.Gateway.Routes = []policyfile.Route{{Path: "/api/", Upstream: "http://never.asked.test"}}
		c.Gateway.Timeouts.Idle = idle
		ln := newPipes()
		startOn(t, c, ln)
		for _, last := range []string{"GET", "OPTIONS"} {
			conn := ln.mustDial(t)
			in := bufio.NewReader(conn)
			for _, method := range []string{"GET", last} {
				fmt.Fprintf(conn, "%s / HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\nAccess-Control-Request-Method: PUT\r\n\r\n", method, app)
				res, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, res.Body)
				time.Sleep(idle - time.Second)
			}
			begun := time.Now()
			if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
				t.Errorf("after %s: %v", last, err)
			}
			if waited := time.Since(begun); waited != time.Second {
				t.Errorf("after %s it was kept for %s beyond %s", last, waited-time.Second, idle)
			}
		}
	})
}

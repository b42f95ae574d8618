package gateway_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
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

// TestUnreadBodyIsNotWaitedFor: the server reads a little more of a body when
// it has been answered without it. Who sends no more holds no connection.
func TestUnreadBodyIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	const wait = time.Minute
	framings := []string{"Content-Length: 10\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}
	// Much depends on when the body comes.
	for _, framing := range slices.Repeat(framings, 20) {
		synctest.Test(t, func(t *testing.T) {
			c := to(t, "http://piped.test")
			c.Gateway.Timeouts.Body, c.Gateway.Timeouts.Idle = wait, time.Hour
			front := newPipes()
			startPiped(t, c, front, func(w http.ResponseWriter, r *http.Request) {
				http.NewResponseController(w).EnableFullDuplex()
				w.WriteHeader(http.StatusUnauthorized)
			})
			conn := front.mustDial(t)
			in := bufio.NewReader(conn)
			begun := time.Now()
			fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\n%s", framing)
			res, err := http.ReadResponse(in, nil)
			if err != nil || res.StatusCode != http.StatusUnauthorized {
				t.Fatalf("got %v, %v", res, err)
			}
			if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
				t.Errorf("more follows the answer: %v", err)
			}
			if waited := time.Since(begun); waited > 2*wait {
				t.Errorf("the connection was kept for %s", waited)
			}
		})
	}
}

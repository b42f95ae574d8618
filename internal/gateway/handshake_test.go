package gateway_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/corsac-cors/corsac/policyfile"
)

// TestSlowHandshake: who does not shake hands does not stay, and who has may
// take as long as anybody.
func TestSlowHandshake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const header = 10 * time.Second
		c := to(t, "")
		c.Gateway.Routes = []policyfile.Route{{Path: "/api/", Upstream: "http://never.asked.test"}}
		c.Gateway.TLS.SelfSigned = true
		c.Gateway.Timeouts.Header = header
		ln := newPipes()
		startOn(t, c, ln)

		silent, begun := ln.mustDial(t), time.Now()
		if _, err := silent.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("a silent client reads %v", err)
		}
		if waited := time.Since(begun); waited != header {
			t.Errorf("it was waited for %s, want %s", waited, header)
		}

		conn := tls.Client(ln.mustDial(t), &tls.Config{InsecureSkipVerify: true})
		defer conn.Close()
		in := bufio.NewReader(conn)
		for _, tt := range []struct {
			start  string
			status int
		}{{"GET /", 404}, {"OPTIONS /", 204}, {"GET /", 404}, {"OPTIONS /", 204}} {
			time.Sleep(header - time.Second)
			fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\nAccess-Control-Request-Method: PUT\r\n\r\n", tt.start, app)
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			if io.Copy(io.Discard, res.Body); res.StatusCode != tt.status {
				t.Errorf("%s is answered %d, want %d", tt.start, res.StatusCode, tt.status)
			}
		}
	})
}

// TestNoTLSOnTLSPort: who types http:// for https:// is told, by whichever
// method. To all else there is nothing to say.
func TestNoTLSOnTLSPort(t *testing.T) {
	t.Parallel()
	c := to(t, "http://127.0.0.1:1")
	c.Gateway.TLS.SelfSigned = true
	_, url := start(t, c)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		res, err := raw(t, url, method+" / HTTP/1.1\r\nHost: a\r\n\r\n")
		if err != nil || res.StatusCode != 400 {
			t.Errorf("%s is answered %v, %v", method, res, err)
		}
	}
	conn := dial(t, url)
	fmt.Fprint(conn, "SSH-2.0-OpenSSH_9.6\r\n\r\n")
	if said, _ := io.ReadAll(conn); len(said) > 0 && said[0] == 'H' {
		t.Errorf("what is no HTTP is answered %q", said)
	}
}

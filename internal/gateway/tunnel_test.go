package gateway_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
)

// TestTunnelLosesNothing: what a client sends behind its handshake, without
// waiting for the answer, the server has begun to read.
func TestTunnelLosesNothing(t *testing.T) {
	t.Parallel()
	ln := listen(t)
	go acceptAll(ln, func(conn net.Conn) {
		defer conn.Close()
		in := bufio.NewReader(conn)
		if _, err := http.ReadRequest(in); err != nil {
			return
		}
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst ")
		io.Copy(conn, in)
	})
	_, url := start(t, to(t, "http://"+ln.Addr().String()))
	const handshake = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
	for name, early := range map[string]string{"nothing": "", "a byte": "e", "more": "early ", "an empty line": "\r\nearly ", "another request": "GET / HTTP/1.1\r\nHost: a\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, url)
			io.WriteString(conn, handshake+early)
			in := bufio.NewReader(conn)
			res, err := http.ReadResponse(in, nil)
			if err != nil || res.StatusCode != 101 {
				t.Fatalf("%v, %v", res, err)
			}
			io.WriteString(conn, "late")
			got := make([]byte, len("first "+early+"late"))
			if _, err := io.ReadFull(in, got); err != nil || string(got) != "first "+early+"late" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// TestSwitchToTwoProtocols is to none: nobody knows which of them is spoken.
func TestSwitchToTwoProtocols(t *testing.T) {
	t.Parallel()
	_, url := start(t, to(t, rawUpstream(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n\r\n")))
	res, err := raw(t, url, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	wantProblem(t, res, 502)
}

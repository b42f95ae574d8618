package demo

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// talk feeds a tap: lines that begin with ">" were read from the client, "<" written to it. \n stands
// for CR LF, and a line's end for nothing.
func talk(wire *Wire, cut int, script string) {
	t := &tap{wire: wire, server: "api"}
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		text := []byte(strings.NewReplacer(`\n`, "\r\n", `\r`, "\r", `\l`, "\n", `\0`, "\x00").Replace(line[1:]))
		for piece := range slices.Chunk(text, cut) {
			if line[0] == '>' {
				t.read(piece)
			} else {
				t.written(piece)
			}
		}
	}
}

// heard writes the exchanges shortly: the start lines, and the header's names.
func heard(wire *Wire) string {
	var s strings.Builder
	exchanges, _ := wire.After(0)
	for i, e := range exchanges {
		if i > 0 {
			s.WriteString(" | ")
		}
		s.WriteString(strings.Join(e.Request, ", "))
		if e.Response != nil {
			s.WriteString(" -> " + strings.Join(e.Response, ", "))
		}
	}
	return s.String()
}

func TestWire(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, script, heard string }{
		{"case and order stay", `
			>GET /users HTTP/1.1\nhOST: a\nitemsPerPage:10\nB: 1\nb: 2\n\n
			<HTTP/1.1 200 OK\nTotalItemsCount: 1000\ncontent-length: 2\n\n[]`,
			"GET /users HTTP/1.1, hOST: a, itemsPerPage:10, B: 1, b: 2 -> HTTP/1.1 200 OK, TotalItemsCount: 1000, content-length: 2"},
		{"kept alive", `
			>GET /1 HTTP/1.1\n\n
			<HTTP/1.1 200 OK\nContent-Length: 22\n\nHTTP/1.1 404 No\nX\n\n
			>GET /2 HTTP/1.1\n\n
			<HTTP/1.1 204 No Content\n\n`,
			"GET /1 HTTP/1.1 -> HTTP/1.1 200 OK, Content-Length: 22 | GET /2 HTTP/1.1 -> HTTP/1.1 204 No Content"},
		{"no answer yet", `>GET /1 HTTP/1.1\n\n`, "GET /1 HTTP/1.1"},
		{"half a head", `>GET /1 HTTP/1.1\nHost: a\n`, ""},
		{"pipelined", `
			>GET /1 HTTP/1.1\n\nGET /2 HTTP/1.1\n\n
			<HTTP/1.1 200 \nContent-Length: 0\n\nHTTP/1.1 201\nContent-Length: 0\n\n`,
			"GET /1 HTTP/1.1 -> HTTP/1.1 200 , Content-Length: 0 | GET /2 HTTP/1.1 -> HTTP/1.1 201, Content-Length: 0"},
		{"a body is no head", `
			>POST /1 HTTP/1.1\nContent-Length: 22\n\nGET /fake HTTP/1.1\n\n
			>GET /2 HTTP/1.1\n\n`,
			"POST /1 HTTP/1.1, Content-Length: 22 | GET /2 HTTP/1.1"},
		{"chunks", `
			>POST /1 HTTP/1.1\ntransfer-encoding: Chunked\n\n16;a=b\nGET /fake HTTP/1.1\n\n\n0\nX: y\n\nGET /2 HTTP/1.1\n\n
			<HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5 \nhello\nA\n0123456789\n0\n\nHTTP/1.1 404 Not Found\nContent-Length: 0\n\n`,
			"POST /1 HTTP/1.1, transfer-encoding: Chunked -> HTTP/1.1 200 OK, Transfer-Encoding: chunked | GET /2 HTTP/1.1 -> HTTP/1.1 404 Not Found, Content-Length: 0"},
		{"HEAD has no body", `
			>HEAD /1 HTTP/1.1\n\nGET /2 HTTP/1.1\n\n
			<HTTP/1.1 200 OK\nContent-Length: 100\n\nHTTP/1.1 304 Not Modified\nContent-Length: 100\n\n`,
			"HEAD /1 HTTP/1.1 -> HTTP/1.1 200 OK, Content-Length: 100 | GET /2 HTTP/1.1 -> HTTP/1.1 304 Not Modified, Content-Length: 100"},
		{"interim responses", `
			>POST /1 HTTP/1.1\nExpect: 100-continue\nContent-Length: 1\n\n
			<HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early Hints\nLink: x\n\nHTTP/1.1 200 OK\nContent-Length: 0\n\n`,
			"POST /1 HTTP/1.1, Expect: 100-continue, Content-Length: 1 -> HTTP/1.1 200 OK, Content-Length: 0"},
		{"an early answer", `
			>POST /1 HTTP/1.1\nContent-Length: 100\n\nabc
			<HTTP/1.1 413 Content Too Large\nContent-Length: 0\n\n`,
			"POST /1 HTTP/1.1, Content-Length: 100 -> HTTP/1.1 413 Content Too Large, Content-Length: 0"},
		{"until the connection ends", `
			>GET /1 HTTP/1.1\n\n
			<HTTP/1.1 200 OK\n\nHTTP/1.1 404 Not Found\n\n`,
			"GET /1 HTTP/1.1 -> HTTP/1.1 200 OK"},
		{"another protocol follows", `
			>GET /1 HTTP/1.1\nUpgrade: websocket\n\n
			<HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\n\n
			>GET /fake HTTP/1.1\n\n
			<HTTP/1.1 200 OK\n\n`,
			"GET /1 HTTP/1.1, Upgrade: websocket -> HTTP/1.1 101 Switching Protocols, Upgrade: websocket"},
		{"a tunnel", `
			>CONNECT a:1 HTTP/1.1\n\n
			<HTTP/1.1 200 OK\n\n
			>GET /fake HTTP/1.1\n\n`,
			"CONNECT a:1 HTTP/1.1 -> HTTP/1.1 200 OK"},
		{"UTF-8", `>GET /1 HTTP/1.1\nX: é\n\n`, "GET /1 HTTP/1.1, X: é"},
		{"bytes", ">GET /1 HTTP/1.1\\nX: \xe9\\n\\n", "GET /1 HTTP/1.1, X: é"},

		{"another protocol", `>PRI * HTTP/2.0\n\nSM\n\n`, ""},
		{"TLS", ">\x16\x03\x01\x02", ""},
		{"two lengths", `>POST /1 HTTP/1.1\nContent-Length: 0\nContent-Length: 0\n\nGET /2 HTTP/1.1\n\n`,
			"POST /1 HTTP/1.1, Content-Length: 0, Content-Length: 0"},
		{"a signed length", `>POST /1 HTTP/1.1\nContent-Length: +0\n\nGET /2 HTTP/1.1\n\n`, "POST /1 HTTP/1.1, Content-Length: +0"},
		{"a huge length", `>POST /1 HTTP/1.1\nContent-Length: 99999999999999999999\n\nGET /2 HTTP/1.1\n\n`, "POST /1 HTTP/1.1, Content-Length: 99999999999999999999"},
		{"a length and chunks", `>POST /1 HTTP/1.1\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\nGET /2 HTTP/1.1\n\n`,
			"POST /1 HTTP/1.1, Content-Length: 5, Transfer-Encoding: chunked"},
		{"another coding", `>POST /1 HTTP/1.1\nTransfer-Encoding: gzip, chunked\n\n0\n\nGET /2 HTTP/1.1\n\n`,
			"POST /1 HTTP/1.1, Transfer-Encoding: gzip, chunked"},
		{"no chunk", `>POST /1 HTTP/1.1\nTransfer-Encoding: chunked\n\n-1\n0\n\nGET /2 HTTP/1.1\n\n`, "POST /1 HTTP/1.1, Transfer-Encoding: chunked"},
		{"a chunk too long", `>POST /1 HTTP/1.1\nTransfer-Encoding: chunked\n\n1\nab\n0\n\nGET /2 HTTP/1.1\n\n`, "POST /1 HTTP/1.1, Transfer-Encoding: chunked"},
		{"a folded line", `>GET /1 HTTP/1.1\nA: 1\n B: 2\n\n`, ""},
		{"a bare LF", `>GET /1 HTTP/1.1\nA: 1\lB: 2\n\n`, ""},
		{"a bare CR", `>GET /1 HTTP/1.1\nA: 1\rB: 2\n\n`, ""},
		{"NUL", `>GET /1 HTTP/1.1\nA: 1\0\n\n`, ""},
		{"a space before the colon", `>GET /1 HTTP/1.1\nA : 1\n\n`, ""},
		{"an answer nobody waits for", `<HTTP/1.1 400 Bad Request\n\n
			>GET /1 HTTP/1.1\n\n`, ""},
		{"a head without end", `>GET /1 HTTP/1.1\nA: ` + strings.Repeat("a", maxHead+5) + `\n\nGET /2 HTTP/1.1\n\n`, ""},
		{"too many ahead", `>` + strings.Repeat(`GET /1 HTTP/1.1\n\n`, maxWaiting+2), strings.Repeat("GET /1 HTTP/1.1 | ", maxWaiting-1) + "GET /1 HTTP/1.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, cut := range []int{1, 2, 3, 7, 1 << 20} {
				wire := &Wire{}
				if talk(wire, cut, tt.script); heard(wire) != tt.heard {
					t.Errorf("in pieces of %d:\n got %s\nwant %s", cut, heard(wire), tt.heard)
				}
			}
		})
	}
}

func TestWireIsBounded(t *testing.T) {
	t.Parallel()
	wire := &Wire{}
	for range keptExchanges + 10 {
		talk(wire, 1<<20, `>GET /1 HTTP/1.1\n\n`)
	}
	all, latest := wire.After(0)
	if len(all) != keptExchanges || latest != keptExchanges+10 || all[0].ID != 11 {
		t.Errorf("%d exchanges from %d to %d", len(all), all[0].ID, latest)
	}
	if some, _ := wire.After(latest - 2); len(some) != 2 {
		t.Errorf("%d exchanges, want 2", len(some))
	}
	if none, _ := wire.After(latest); none == nil || len(none) != 0 {
		t.Errorf("%v, want none", none)
	}
}

// FuzzWire: however the bytes are cut, the same is heard, and not much is kept.
func FuzzWire(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nA: b\r\n\r\n"), []byte("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), 1)
	f.Add([]byte("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"), []byte("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 204 N\r\n\r\n"), 5)
	f.Fuzz(func(t *testing.T, requests, responses []byte, cut int) {
		if cut < 1 {
			return
		}
		whole, pieces := &Wire{}, &Wire{}
		a, b := &tap{wire: whole}, &tap{wire: pieces}
		a.read(requests)
		a.written(responses)
		for piece := range slices.Chunk(requests, cut) {
			b.read(piece)
		}
		for piece := range slices.Chunk(responses, cut) {
			b.written(piece)
		}
		if heard(whole) != heard(pieces) {
			t.Errorf("whole:\n%s\nin pieces of %d:\n%s", heard(whole), cut, heard(pieces))
		}
		if n := len(b.requests.text) + len(b.responses.text); n > 2*(maxHead+4) {
			t.Errorf("%d bytes are kept", n)
		}
	})
}

// TestWireListener has net/http serve on a recorded listener, and looks at both ends.
func TestWireListener(t *testing.T) {
	t.Parallel()
	wire := &Wire{}
	l := listenLocal(t)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refuse" {
			http.Error(w, "", http.StatusRequestEntityTooLarge)
			return
		}
		n, err := io.Copy(io.Discard, r.Body)
		w.Header()["x-Odd"] = []string{"1"}
		fmt.Fprintln(w, n, err)
	})}
	go server.Serve(wire.Listener(l, "api"))
	t.Cleanup(func() { server.Close() })

	t.Run("kept alive", func(t *testing.T) {
		c, r := dialLocal(t, l)
		for i, request := range []string{
			"POST /1 HTTP/1.1\r\nhost: a\r\nb: 2\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
			"GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		} {
			if _, err := io.WriteString(c, request); err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			if want := []string{"3 <nil>\n", "0 <nil>\n"}[i]; string(body) != want || err != nil {
				t.Errorf("body %q, %v, want %q", body, err, want)
			}
		}
		all, _ := wire.After(0)
		if len(all) != 2 {
			t.Fatalf("%d exchanges, want 2", len(all))
		}
		if want := []string{"POST /1 HTTP/1.1", "host: a", "b: 2", "transfer-encoding: chunked"}; !slices.Equal(all[0].Request, want) {
			t.Errorf("request %q, want %q", all[0].Request, want)
		}
		if got := all[1].Response; got[0] != "HTTP/1.1 200 OK" || !slices.Contains(got, "x-Odd: 1") {
			t.Errorf("response %q", got)
		}
	})

	// Closing with unread bytes would reset the connection, and the client might lose the answer: net/http
	// closes one half first, if the connection can.
	t.Run("an answer before the body is read", func(t *testing.T) {
		c, r := dialLocal(t, l)
		fmt.Fprintf(c, "POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n")
		go c.Write(bytes.Repeat([]byte("x"), 9000000))
		res, err := http.ReadResponse(r, nil)
		if err != nil || res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%v, %v", res, err)
		}
	})
}

func listenLocal(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func dialLocal(t *testing.T, l net.Listener) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, bufio.NewReader(c)
}

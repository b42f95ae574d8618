//go:build unix

package gateway

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// A turn is what an upstream says to one request, and what a plain reading makes
// of it. TOKEN stands for the request's, POISON for what is nobody's.
type turn struct {
	name, text string
	want       string // the body; "-": no complete response
	head       string // the same, to HEAD
	kept       bool   // the connection serves another request
	keptByHead bool
}

const poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON"

var turns = []turn{
	{"a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nTOKEN", "TOKEN", "", true, false},
	{"a length for HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + hangUp, "-", "", false, false},
	{"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nTOKEN\r\n1\r\n.\r\n0\r\n\r\n", "TOKEN.", "", true, false},
	{"chunks and a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nTOKEN\r\n0\r\nX-A: b\r\n\r\n", "TOKEN", "", true, false},
	{"nothing", "HTTP/1.1 204 No Content\r\n\r\n", "", "", true, true},
	{"not modified, of a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "", "", true, true},
	{"hints", "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nTOKEN", "TOKEN", "", true, false},
	{"more than its length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nTOKENPOISON", "TOKEN", "", false, false},
	{"another response", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nTOKEN" + poison, "TOKEN", "", false, false},
	{"another response behind chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nTOKEN\r\n0\r\n\r\n" + poison, "TOKEN", "", false, false},
	{"nothing, and a body", "HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\nPOISON", "", "", false, false},
	{"not modified, and a body", "HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\nPOISON", "", "", false, false},
	{"a line feed behind", "HTTP/1.1 204 No Content\r\n\r\n\n", "", "", false, false},
	{"100 behind", "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n", "", "", false, false},
	{"length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nTOKEN\r\n0\r\n\r\n", "TOKEN", "", false, false},
	{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nTOKEN" + poison, "-", "-", false, false},
	{"a length twice", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nTOKEN", "TOKEN", "", false, false},
	{"line feeds", "HTTP/1.1 200 OK\nContent-Length: 5\n\nTOKEN", "TOKEN", "", false, false},
	{"the last", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: Close\r\n\r\nTOKEN", "TOKEN", "", false, false},
	{"no longer", "HTTP/1.1 204 No Content\r\nKeep-Alive: timeout=0\r\n\r\n", "", "", false, false},
	{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nTOKEN", "TOKEN", "", false, false},
	{"HTTP/1.0 that stays", "HTTP/1.0 204 No Content\r\nConnection: keep-alive\r\n\r\n", "", "", true, true},
	{"to the end", "HTTP/1.1 200 OK\r\n\r\nTOKEN" + hangUp, "TOKEN", "", false, false},
	{"cut off", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nTOKEN" + hangUp, "-", "", false, false},
	{"chunks cut off", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nTOKEN\r\n0\r\n" + hangUp, "-", "", false, false},
	{"another protocol", "HTTP/1.1 101 Switching Protocols\r\n\r\n" + poison, "", "", false, false},
	{"another protocol, and silence", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "", "", false, false},
	{"no response", "TOKEN POISON\r\n\r\n", "-", "-", false, false},
}

// TestSequenceOfResponses: whatever an upstream says to one request, the next is
// answered by what is said to it, or not at all.
func TestSequenceOfResponses(t *testing.T) {
	t.Parallel()
	for a := range turns {
		for b := range turns {
			checkSequence(t, "GP", []int{a, b})
			checkSequence(t, "HG", []int{a, b})
		}
	}
}

// FuzzSequenceOfResponses is for longer ones.
func FuzzSequenceOfResponses(f *testing.F) {
	f.Add("GHP", []byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08"))
	f.Fuzz(func(t *testing.T, methods string, picked []byte) {
		if methods == "" || len(picked) > 32 {
			return
		}
		var sequence []int
		for _, b := range picked {
			sequence = append(sequence, int(b)%len(turns))
		}
		checkSequence(t, methods, sequence)
	})
}

func checkSequence(t *testing.T, methods string, sequence []int) {
	t.Helper()
	var asked atomic.Int64
	var on [33]net.Conn // by request
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go takeTurns(conn, sequence, &asked, &on)
		}
	}()
	c := newCarrier(transportKey{response: patient})
	defer c.forget()
	kept := false
	for i, picked := range sequence {
		said := turns[picked]
		method, want, keeps := http.MethodGet, said.want, said.kept
		switch methods[i%len(methods)] {
		case 'H':
			method, want = http.MethodHead, said.head
			keeps = said.keptByHead
		case 'P':
			// An end that is on its way may meet the request, which is sent again
			// if it is a GET.
			if i == 0 || !strings.HasSuffix(turns[sequence[i-1]].text, hangUp) {
				method = http.MethodPost
			}
		}
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+ln.Addr().String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := look(t, c, r)
		want = strings.ReplaceAll(want, "TOKEN", token(i))
		if got.Err != (want == "-") || !got.Err && got.Body != want {
			t.Errorf("%s in %s of %s: %s is answered with %+v, want %q", said.name, methods, names(sequence), method, got, want)
		}
		if int(asked.Load()) != i+1 {
			t.Fatalf("%s in %s of %s: %d requests came for %d", said.name, methods, names(sequence), asked.Load(), i+1)
		}
		if i > 0 && (on[i] == on[i-1]) != kept {
			t.Errorf("%s in %s of %s comes on a connection that was kept: %t, want %t", said.name, methods, names(sequence), !kept, kept)
		}
		kept = keeps
	}
}

func takeTurns(conn net.Conn, sequence []int, asked *atomic.Int64, on *[33]net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		io.Copy(io.Discard, r.Body)
		i := int(asked.Load())
		if i < len(sequence) {
			on[i] = conn
		}
		if asked.Add(1); i >= len(sequence) {
			return
		}
		text, last := strings.CutSuffix(turns[sequence[i]].text, hangUp)
		if _, err := io.WriteString(conn, strings.ReplaceAll(text, "TOKEN", token(i))); err != nil || last {
			return
		}
	}
}

// token is as long as TOKEN.
func token(i int) string { return fmt.Sprintf("tok%02d", i) }

func names(sequence []int) string {
	var all []string
	for _, i := range sequence {
		all = append(all, turns[i].name)
	}
	return strings.Join(all, ", ")
}

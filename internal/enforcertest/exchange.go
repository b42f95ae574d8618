package enforcertest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// patience bounds an exchange with a server that hangs.
const patience = 30 * time.Second

// mostBody is as much of a body as is read.
const mostBody = 1 << 20

// exchange sends a request, byte for byte, and reads the answer.
func exchange(scheme, address, request string) (*response, error) {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	switch scheme {
	case "http":
		return exchangeHTTP1(conn, request)
	case "h2c":
		return exchangeHTTP2(conn, request)
	}
	return nil, fmt.Errorf("no way to speak %q", scheme)
}

func exchangeHTTP1(conn net.Conn, request string) (*response, error) {
	// A server may answer, and hang up, before it has read everything.
	go io.WriteString(conn, request)
	method, _, _ := strings.Cut(request, " ")
	br := bufio.NewReader(conn)
	var early []*response
	for {
		resp, err := http.ReadResponse(br, &http.Request{Method: method})
		if err != nil {
			return nil, err
		}
		r := &response{status: resp.StatusCode}
		for name, values := range resp.Header {
			for _, v := range values {
				r.lines = append(r.lines, name+": "+v)
			}
		}
		if r.status < 200 && r.status != http.StatusSwitchingProtocols {
			early = append(early, r)
			continue
		}
		r.early = early
		if r.status == http.StatusSwitchingProtocols {
			return r, nil
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, mostBody))
		r.body = string(body)
		return r, err
	}
}

// exchangeHTTP2 is a client of one request, because net/http's would mend what
// a trial breaks.
func exchangeHTTP2(conn net.Conn, request string) (*response, error) {
	framer := http2.NewFramer(conn, conn)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if err := openHTTP2(conn, framer); err != nil {
		return nil, err
	}
	// What the server says while a large request is written has to be read.
	written := make(chan error, 1)
	go func() { written <- writeRequest(framer, request) }()
	resp, err := readResponse(framer)
	if err == nil {
		return resp, nil
	}
	conn.Close()
	if werr := <-written; werr != nil {
		return nil, werr
	}
	return nil, err
}

func openHTTP2(conn net.Conn, framer *http2.Framer) error {
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		return err
	}
	// With as much room as is read, no window needs an update.
	err := framer.WriteSettings(
		http2.Setting{ID: http2.SettingEnablePush, Val: 0},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: 2 * mostBody},
	)
	if err != nil {
		return err
	}
	return framer.WriteWindowUpdate(0, 2*mostBody)
}

// stream is the only one.
const stream = 1

func writeRequest(framer *http2.Framer, request string) error {
	head, body, _ := strings.Cut(request, "\r\n\r\n")
	block := encodeHead(head)
	const most = 16 << 10 // a frame's, unless the server says otherwise
	first, rest := block[:min(len(block), most)], block[min(len(block), most):]
	err := framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: stream, BlockFragment: first, EndStream: body == "", EndHeaders: len(rest) == 0,
	})
	for err == nil && len(rest) > 0 {
		n := min(len(rest), most)
		err = framer.WriteContinuation(stream, n == len(rest), rest[:n])
		rest = rest[n:]
	}
	if err == nil && body != "" {
		err = framer.WriteData(stream, true, []byte(body))
	}
	return err
}

// encodeHead puts the head of an HTTP/1.1 request in HTTP/2's form.
func encodeHead(head string) []byte {
	lines := strings.Split(head, "\r\n")
	method, rest, _ := strings.Cut(lines[0], " ")
	path := strings.TrimSuffix(rest, " HTTP/1.1")
	pseudo := []hpack.HeaderField{{Name: ":method", Value: method}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: path}}
	var fields []hpack.HeaderField
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		name, value = strings.ToLower(name), strings.Trim(value, " \t")
		switch name {
		case "host":
			pseudo = append(pseudo, hpack.HeaderField{Name: ":authority", Value: value})
		case "connection":
		default:
			fields = append(fields, hpack.HeaderField{Name: name, Value: value})
		}
	}
	var buf bytes.Buffer
	encoder := hpack.NewEncoder(&buf)
	for _, f := range append(pseudo, fields...) {
		encoder.WriteField(f)
	}
	return buf.Bytes()
}

func readResponse(framer *http2.Framer) (*response, error) {
	var early []*response
	var r *response
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return nil, err
		}
		ended := false
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			ended = f.StreamEnded()
			switch next := headOf(f); {
			case r != nil: // trailers
			case next.status < 200:
				early = append(early, next)
			default:
				r = next
				r.early = early
			}
		case *http2.DataFrame:
			if r != nil && len(r.body) < mostBody {
				r.body += string(f.Data())
			}
			ended = f.StreamEnded()
		case *http2.RSTStreamFrame:
			// After a whole response it only says that the rest of the
			// request is not wanted.
			return nil, fmt.Errorf("stream reset: %v", f.ErrCode)
		case *http2.GoAwayFrame:
			if f.ErrCode != http2.ErrCodeNo {
				return nil, fmt.Errorf("connection ended: %v", f.ErrCode)
			}
		}
		if ended {
			return r, nil
		}
	}
}

func headOf(f *http2.MetaHeadersFrame) *response {
	r := &response{}
	fmt.Sscan(f.PseudoValue("status"), &r.status)
	for _, field := range f.RegularFields() {
		r.lines = append(r.lines, field.Name+": "+field.Value)
	}
	return r
}

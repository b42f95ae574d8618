package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/corsac-cors/corsac/internal/http1"
)

// needsHTTP2 reports whether a server refused the handshake because it speaks
// no HTTP/1.1.
func needsHTTP2(err error) bool {
	return isAlert(err) && strings.Contains(err.Error(), "no application protocol")
}

// spokeHTTP2 reports whether a server that ignores ALPN answered in HTTP/2: its
// first frame is SETTINGS.
func spokeHTTP2(err error) bool {
	var malformed *http1.Error
	return errors.As(err, &malformed) && malformed.Kind == http1.NotHTTP && len(malformed.Near) > 4 &&
		malformed.Near[0] == 0 && malformed.Near[3] == 4
}

// roundTripHTTP2 leaves the framing to net/http. What is recorded of the heads
// is the same message in the form of HTTP/1.1; names are in lower case, and
// their order is net/http's.
func (n *network) roundTripHTTP2(ctx context.Context, w *WireRequest, started time.Time) (*WireResponse, error) {
	answer := &WireResponse{Protocol: "HTTP/2.0"}
	// It is made here and not when the client dials: that would be in another
	// goroutine, which may go on when the round trip has ended.
	c, err := n.dialHTTP2(ctx, w, answer, started)
	if err != nil {
		return answer, err
	}
	client := &http.Transport{
		DialTLSContext:    func(context.Context, string, string) (net.Conn, error) { return c, nil },
		ForceAttemptHTTP2: true, DisableCompression: true, MaxResponseHeaderBytes: int64(orLimit(n.agent.MaxHead, defaultMaxHead)),
	}
	raw, err := http1.AppendRequestHead(nil, &w.Head)
	if err != nil {
		_ = c.Close()
		return answer, err
	}
	answer.RequestHead = string(raw)
	got, err := client.RoundTrip(requestHTTP2(ctx, w))
	if err != nil {
		_ = c.Close()
		return answer, err
	}
	answer.Timings.FirstByte = time.Since(started)
	answer.Head = headOfHTTP2(got)
	answer.Body = closing{got.Body, c}
	return answer, nil
}

func orLimit(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

func (n *network) dialHTTP2(ctx context.Context, w *WireRequest, answer *WireResponse, started time.Time) (net.Conn, error) {
	raw, err := n.connect(ctx, w.URL.dialAddress())
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, remote: addrPortOf(raw.RemoteAddr())}
	answer.RemoteAddr, answer.Timings.Connected = c.remote, time.Since(started)
	if w.Admit != nil {
		err = w.Admit(c.remote)
	}
	if err == nil {
		err = c.secure(ctx, n.agent.TLS, w.URL.Host, "h2")
	}
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	answer.TLS, answer.Timings.Secured = c.tls, time.Since(started)
	return c.Conn, nil
}

func requestHTTP2(ctx context.Context, w *WireRequest) *http.Request {
	r := &http.Request{
		Method: w.Head.Method, Host: w.URL.hostPort(), Header: make(http.Header), ContentLength: int64(len(w.Body)),
		// Opaque keeps net/url from writing the path in its own way.
		URL: &url.URL{Scheme: w.URL.Scheme, Host: w.URL.dialAddress(), Opaque: "//" + w.URL.hostPort() + w.Head.Target},
	}
	if len(w.Body) > 0 {
		r.Body = io.NopCloser(strings.NewReader(string(w.Body)))
	}
	for _, f := range w.Head.Header {
		switch asciiLower(f.Name) {
		case "host", "connection", "content-length":
		default:
			r.Header[f.Name] = append(r.Header[f.Name], f.Value)
		}
	}
	return r.WithContext(ctx)
}

// headOfHTTP2 writes the head as HTTP/1.1 would.
func headOfHTTP2(got *http.Response) ResponseHead {
	head := ResponseHead{Version: "HTTP/1.1", Status: got.StatusCode}
	for name, values := range got.Header {
		for _, value := range values {
			head.Header.Add(asciiLower(name), value)
		}
	}
	slices.SortStableFunc(head.Header, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	if raw, err := http1.AppendResponseHead(nil, &head); err == nil {
		head.Raw = string(raw)
	}
	return head
}

type closing struct {
	io.ReadCloser
	conn net.Conn
}

// Close closes the body, and then the connection.
func (c closing) Close() error {
	_ = c.ReadCloser.Close()
	return c.conn.Close()
}

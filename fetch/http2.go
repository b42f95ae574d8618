package fetch

import (
	"context"
	"errors"
	"fmt"
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
	client := &http.Transport{
		DialTLSContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			return n.dialHTTP2(ctx, w, address, answer, started)
		},
		ForceAttemptHTTP2: true, DisableCompression: true, MaxResponseHeaderBytes: int64(orLimit(n.agent.MaxHead, defaultMaxHead)),
	}
	raw, err := http1.AppendRequestHead(nil, &w.Head)
	if err != nil {
		return answer, err
	}
	answer.RequestHead = string(raw)
	r, err := requestHTTP2(ctx, w)
	if err != nil {
		return answer, err
	}
	got, err := client.RoundTrip(r)
	if err != nil {
		client.CloseIdleConnections()
		return answer, err
	}
	answer.Timings.FirstByte = time.Since(started)
	answer.Head = headOfHTTP2(got)
	answer.Body = closing{got.Body, client.CloseIdleConnections}
	return answer, nil
}

func orLimit(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

func (n *network) dialHTTP2(ctx context.Context, w *WireRequest, address string, answer *WireResponse, started time.Time) (net.Conn, error) {
	raw, err := n.connect(ctx, address)
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

func requestHTTP2(ctx context.Context, w *WireRequest) (*http.Request, error) {
	path, query, _ := strings.Cut(w.Head.Target, "?")
	r := &http.Request{
		Method: w.Head.Method, Host: w.URL.hostPort(), Header: make(http.Header), ContentLength: int64(len(w.Body)),
		URL: &url.URL{Scheme: w.URL.Scheme, Host: w.URL.dialAddress(), Opaque: path, RawQuery: query},
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
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("%w: %q is no path", MalformedResponse, path)
	}
	r.URL.Opaque = "//" + w.URL.hostPort() + path
	return r.WithContext(ctx), nil
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
	then func()
}

// Close closes the body, and then the connection.
func (c closing) Close() error {
	defer c.then()
	return c.ReadCloser.Close()
}

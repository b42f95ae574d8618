package fetch

import (
	"context"
	"crypto/tls"
	"io"
	"net/netip"

	"github.com/corsac-cors/corsac/internal/http1"
)

// The heads of HTTP/1.1 messages, byte for byte.
type (
	RequestHead  = http1.RequestHead
	ResponseHead = http1.ResponseHead
)

// A Transport carries one request to a server and brings the answer. It follows
// no redirect, adds no header and judges nothing: all of that is the agent's.
// [Handler] makes one of an http.Handler; without one, an agent uses the
// network.
type Transport interface {
	// RoundTrip returns once the head of the response is read. The answer may
	// be non-nil beside an error, for what is known nevertheless. An error that
	// is a [Kind] or wraps one says what the failure is called.
	RoundTrip(ctx context.Context, r *WireRequest) (*WireResponse, error)
}

// A WireRequest is a request as it goes to the server.
type WireRequest struct {
	URL  *URL
	Head RequestHead
	Body []byte
	// Credentials says whether the connection may know the user: one that has
	// carried cookies is not used for a request without credentials.
	Credentials bool
	// Admit, if there is one, is asked about the server's address before
	// anything is sent. Its error ends the round trip.
	Admit func(netip.AddrPort) error
}

// A WireResponse is what came back.
type WireResponse struct {
	RequestHead string // as it was sent
	Head        ResponseHead
	Interim     []ResponseHead
	Body        io.ReadCloser // nil for none

	Protocol   string
	RemoteAddr netip.AddrPort
	TLS        *tls.ConnectionState
	Reused     bool
	Timings    Timings
}

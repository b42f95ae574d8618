package explain

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/fetch"
)

// A Question is a request that somebody wants explained, and what may be done
// to find out.
type Question struct {
	Request fetch.Request
	// As is what makes the request, one of [Initiators]. Empty is fetch().
	As string
	// Profile is the browser whose verdict leads. Zero is Chrome.
	Profile fetch.Profile
	// Cookie is what the browser has for the server, as in a Cookie header.
	Cookie string

	// Policy answers instead of the network; then nothing is probed.
	Policy *corsac.Policy
	// Transport does the same, for answers from elsewhere.
	Transport fetch.Transport
	Dial      func(ctx context.Context, network, address string) (net.Conn, error)
	TLS       *tls.Config
	Timeout   time.Duration

	// Send permits to send what changes something: any method but OPTIONS, GET
	// and HEAD.
	Send bool
	// Prove permits to send the request's Authorization with an OPTIONS, as no
	// browser does, to see whether it opens the door.
	Prove bool
	// NoProbes sends what a browser sends, and nothing else.
	NoProbes bool
	// ReadPage permits to read Request.Page for its Content-Security-Policy.
	ReadPage bool
	// ShowSecrets leaves tokens and cookies in the report.
	ShowSecrets bool
	// Server is the id of the server that fixes are for; empty is the one that
	// is recognised.
	Server string
	// Guessed says that the credentials mode is DevTools' guess: the verdict for
	// the default is told too, where it is another.
	Guessed bool
	// Read says how the input was understood.
	Read []string
}

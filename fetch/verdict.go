package fetch

import (
	"crypto/tls"
	"net/netip"
	"strings"
	"time"
)

// A Verdict is what a page gets from a fetch, and how it came about.
type Verdict struct {
	// Response is what the page may see, nil if it sees none.
	Response *Response
	// Failure says why there is no Response.
	Failure *Failure

	// Steps are the decisions in the order in which they were taken.
	Steps []Step
	// Exchanges are the requests that were sent, preflights included, and the
	// answers.
	Exchanges []Exchange
	// URLs is the request's URL list: the URL and where it was redirected to.
	URLs []string
	// Profile is the name of the browser that was followed.
	Profile string
}

// OK reports whether the page gets a response. An opaque one, which it cannot
// look into, is a response too.
func (v *Verdict) OK() bool { return v.Failure == nil }

// Kind is the kind of the failure, or empty.
func (v *Verdict) Kind() Kind {
	if v.Failure == nil {
		return ""
	}
	return v.Failure.Kind
}

// A ResponseType says how much of a response a page sees.
//
// https://fetch.spec.whatwg.org/#concept-response-type
type ResponseType string

const (
	Basic          ResponseType = "basic"
	CORSResponse   ResponseType = "cors"
	Opaque         ResponseType = "opaque"
	OpaqueRedirect ResponseType = "opaqueredirect"
)

// A Response is what a page sees: a filtered response.
//
// https://fetch.spec.whatwg.org/#concept-filtered-response
type Response struct {
	Type       ResponseType
	URL        string // without fragment; empty if the page must not know it
	Redirected bool
	Status     int
	StatusText string
	Header     Header
	Body       []byte
	// BodyFailure says why the body ends too soon: the page has a response, and
	// reading its body fails.
	BodyFailure Kind
	// TimingAllowed says whether the page sees detailed timings.
	TimingAllowed bool
}

// A Failure is why a page gets no response.
type Failure struct {
	Kind Kind
	// Preflight says that the answer to a preflight is at fault.
	Preflight bool
	// Hop counts the redirects before the fault.
	Hop int
	// Exchange is the index of the exchange at fault, -1 if nothing was sent.
	Exchange int
	// Name is the method or header at fault.
	Name string
	// Value is what was found, Want what would have been right.
	Value, Want string
	// Err is the error of the network or the parser, if that is the reason.
	Err error `json:"-"`
}

// Error is one line in which nothing of the server stands unquoted.
func (f *Failure) Error() string {
	var b strings.Builder
	b.WriteString(string(f.Kind))
	if f.Preflight {
		b.WriteString(" in the preflight")
	}
	for _, part := range []struct{ word, text string }{{" of ", f.Name}, {": found ", f.Value}, {", want ", f.Want}} {
		if part.text != "" {
			b.WriteString(part.word)
			b.WriteString(quote(part.text))
		}
	}
	if f.Err != nil {
		b.WriteString(": ")
		b.WriteString(f.Err.Error())
	}
	return b.String()
}

// Unwrap returns the error of the network or the parser.
func (f *Failure) Unwrap() error { return f.Err }

// An Exchange is a request and its answer as they were on the wire.
type Exchange struct {
	Preflight bool
	Hop       int // redirects before it
	URL       string

	// RequestHead is the head as it was sent, with the empty line that ends it.
	// Over HTTP/2 it is the same message in the form of HTTP/1.1.
	RequestHead string
	Request     RequestHead
	RequestBody int // its size in bytes

	// Response is the final response, Response.Raw its head as it came. Its
	// status is 0 if there was none; Raw then holds what came instead.
	Response ResponseHead
	Interim  []ResponseHead
	// Body is the beginning of a body that the page does not see, as far as
	// [Agent.HiddenBody] wants it.
	Body []byte
	// Err says why there is no response.
	Err error `json:"-"`

	Protocol   string // "HTTP/1.1" or "HTTP/2.0"
	RemoteAddr netip.AddrPort
	TLS        *tls.ConnectionState `json:"-"`
	Reused     bool                 // the connection had been used before
	Started    time.Time
	Timings    Timings
}

// Timings are measured from the start of an exchange. A step that was not
// needed has zero.
type Timings struct {
	Connected time.Duration // address resolved and connection made
	Secured   time.Duration // TLS established
	FirstByte time.Duration // head of the response read
	Done      time.Duration // verdict about it taken, body read if the page gets it
}

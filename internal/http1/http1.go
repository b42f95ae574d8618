// Package http1 reads and writes HTTP/1.1 messages byte for byte.
//
// net/http canonicalizes names, loses the order and the case of lines, and
// refuses bytes that browsers send and take. Whoever wants to know what a
// browser saw, or to say what exactly a server sent, needs the message itself:
//
//	var head http1.ResponseHead
//	r := http1.NewReader(bufio.NewReader(conn))
//	r.Lenience = http1.Chromium
//	err := r.ReadResponseHead(&head)            // head.Raw is what came
//	framing, err := head.Framing("GET")         // where the body ends
//	body, err := io.ReadAll(r.Body(framing))    // r.Body(framing).Trailer()
//
// Three users share it: the browser's half ([ClientConn], lenient responses), a
// server's data path and the lab's raw server (strict requests). What they
// share are the rules:
//
//   - A head is read whole, within [Limits], and then parsed. All its strings are
//     parts of one, Raw: a head costs one allocation when it is read into the
//     same struct again.
//   - A fault of framing is an error, never a guess. Which faults a reader forgives
//     is said by its [Lenience]; the zero value forgives none, and what was
//     forgiven is kept with the head.
//   - Every byte of a value but NUL, CR and LF is taken, as browsers do. Bytes
//     are never decoded: 0x80 and above come through as they are.
//   - Errors are an [*Error] with a printable [Kind], the offset and the bytes.
//     Only what the connection itself reports (a time limit, a reset) is passed
//     on as it is; time limits are the connection's deadlines.
//
// https://www.rfc-editor.org/rfc/rfc9112
package http1

import "strconv"

// A RequestHead is a request up to its body.
type RequestHead struct {
	Method string
	// Target is what stands between method and version, in any of the four
	// forms of https://www.rfc-editor.org/rfc/rfc9112#section-3.2.
	Target string
	// Version is "HTTP/1.0" or a later minor version of it. Where a head is
	// written, "" stands for "HTTP/1.1".
	Version string
	Header  Header
	// Raw is the head as it was read, with the empty line that ends it; after
	// an error, what had been read of it. Writing takes no notice of it.
	Raw string
	// Forgiven says what the reader's Lenience let pass, once a kind.
	Forgiven []*Error

	lenience Lenience // the reader's, for Framing
}

// KeepAlive reports whether the client would send another request on this
// connection.
func (h *RequestHead) KeepAlive() bool { return keepAlive(h.Version, h.Header) }

// ExpectsContinue reports whether the client waits for a 100 before it sends
// the body.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
func (h *RequestHead) ExpectsContinue() bool {
	return h.Version != version10 && h.Header.HasToken("Expect", "100-continue")
}

// A ResponseHead is a response up to its body. Raw and Forgiven are those of
// [RequestHead].
type ResponseHead struct {
	Version  string
	Status   int
	Reason   string
	Header   Header
	Raw      string
	Forgiven []*Error

	lenience Lenience
}

// KeepAlive reports whether the server would read another request from this
// connection, if the body's end can be told from the connection's.
func (h *ResponseHead) KeepAlive() bool { return keepAlive(h.Version, h.Header) }

// IsInterim reports whether another response follows to the same request. 101
// is final: what follows it is another protocol.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-15.2
func (h *ResponseHead) IsInterim() bool {
	return h.Status >= 100 && h.Status <= 199 && h.Status != 101
}

// String is the status line, for people.
func (h *ResponseHead) String() string {
	return h.Version + " " + strconv.Itoa(h.Status) + " " + h.Reason
}

const (
	version10 = "HTTP/1.0"
	version11 = "HTTP/1.1"
)

// https://www.rfc-editor.org/rfc/rfc9112#section-9.3
func keepAlive(version string, h Header) bool {
	if h.HasToken("Connection", "close") {
		return false
	}
	return version != version10 || h.HasToken("Connection", "keep-alive")
}

package http1

import (
	"net/http"
	"strconv"
	"strings"
)

// A FramingKind says how the end of a body is told.
type FramingKind string

const (
	NoBody  FramingKind = "none"    // the message ends with its head
	Length  FramingKind = "length"  // by Content-Length
	Chunked FramingKind = "chunked" // by the last chunk
	Close   FramingKind = "close"   // by the end of the connection
	Tunnel  FramingKind = "tunnel"  // the message ends with its head, and another protocol follows
)

// A Framing is where a body ends. The zero value stands for no body.
type Framing struct {
	Kind   FramingKind
	Length int64 // if the Kind is Length
}

// Framing says where the request's body ends.
//
// https://www.rfc-editor.org/rfc/rfc9112#section-6.3
func (h *RequestHead) Framing() (Framing, error) {
	f := framer{h.Version, h.Raw, h.Header, h.lenience, h.Forgiven}
	framing, err := f.framing()
	h.Forgiven = f.forgiveness
	if framing.Kind == Close {
		framing.Kind = NoBody
	}
	return framing, err
}

// Framing says where the body of a response to a request of this method ends.
// The fields that frame it must be right even where they do not count.
//
// https://www.rfc-editor.org/rfc/rfc9112#section-6.3
func (h *ResponseHead) Framing(method string) (Framing, error) {
	f := framer{h.Version, h.Raw, h.Header, h.lenience, h.Forgiven}
	framing, err := f.framing()
	h.Forgiven = f.forgiveness
	switch s := h.Status; {
	case err != nil:
		return framing, err
	case s == http.StatusSwitchingProtocols, method == "CONNECT" && s >= 200 && s <= 299:
		return Framing{Kind: Tunnel}, nil
	case method == "HEAD", s >= 100 && s <= 199, s == http.StatusNoContent, s == http.StatusNotModified:
		return Framing{Kind: NoBody}, nil
	}
	return framing, nil
}

// A framer looks at the fields that frame a body, in whichever message.
type framer struct {
	version, raw string
	header       Header
	lenience     Lenience
	forgiveness
}

// framing returns Close if the header says nothing, and NoBody with an error.
func (f *framer) framing() (Framing, error) {
	length, err := f.length()
	if err != nil {
		return Framing{Kind: NoBody}, err
	}
	chunked, err := f.chunked()
	if err == nil && chunked && length >= 0 {
		err = f.forgive(f.lenience.LengthWithChunked, f.fault(LengthAndCoding, "Content-Length", "Content-Length or Transfer-Encoding, not both"))
	}
	switch {
	case err != nil:
		return Framing{Kind: NoBody}, err
	case chunked:
		return Framing{Kind: Chunked}, nil
	case length >= 0:
		return Framing{Kind: Length, Length: length}, nil
	default:
		return Framing{Kind: Close}, nil
	}
}

// chunked takes one line that says nothing else. HTTP/1.0 does not have it.
//
// https://www.rfc-editor.org/rfc/rfc9112#section-6.1
func (f *framer) chunked() (bool, error) {
	found := false
	for coding := range f.header.Lines("Transfer-Encoding") {
		if found || f.version == version10 || !equalFold(coding, "chunked") {
			return false, f.fault(BadCoding, "Transfer-Encoding", `one Transfer-Encoding line "chunked", in HTTP/1.1`)
		}
		found = true
	}
	return found, nil
}

// length returns -1 if there is no Content-Length.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-8.6
func (f *framer) length() (int64, error) {
	const want = "one Content-Length line with one decimal number below 2^63"
	length := int64(-1)
	for line := range f.header.Lines("Content-Length") {
		for element := range strings.SplitSeq(line, ",") {
			n, ok := parseLength(trimOWS(element))
			again := length >= 0 || len(element) < len(line)
			switch {
			case !ok, length >= 0 && n != length:
				return -1, f.fault(BadLength, "Content-Length", want)
			case again:
				if err := f.forgive(f.lenience.RepeatedLength, f.fault(BadLength, "Content-Length", want)); err != nil {
					return -1, err
				}
			}
			length = n
		}
	}
	return length, nil
}

// fault shows all values of a name, and the place of the last one.
func (f *framer) fault(kind Kind, name, want string) *Error {
	value, _ := f.header.Get(name)
	return newError(kind, int64(lineOf(f.raw, name)), value, want)
}

// parseLength takes digits only: strconv alone would take a sign.
func parseLength(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

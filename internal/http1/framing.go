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
	f, err := framing(h.Version, h.Raw, h.Header)
	if f.Kind == Close {
		f.Kind = NoBody
	}
	return f, err
}

// Framing says where the body of a response to a request of this method ends.
// The fields that frame it must be right even where they do not count.
//
// https://www.rfc-editor.org/rfc/rfc9112#section-6.3
func (h *ResponseHead) Framing(method string) (Framing, error) {
	f, err := framing(h.Version, h.Raw, h.Header)
	switch s := h.Status; {
	case err != nil:
		return Framing{Kind: NoBody}, err
	case s == http.StatusSwitchingProtocols, method == "CONNECT" && s >= 200 && s <= 299:
		return Framing{Kind: Tunnel}, nil
	case method == "HEAD", s >= 100 && s <= 199, s == http.StatusNoContent, s == http.StatusNotModified:
		return Framing{Kind: NoBody}, nil
	}
	return f, nil
}

// framing returns Close if the header says nothing.
func framing(version, raw string, h Header) (Framing, error) {
	length, lengths := one(h, "Content-Length")
	coding, codings := one(h, "Transfer-Encoding")
	n, isLength := parseLength(length)
	fault := func(kind Kind, name, near, want string) (Framing, error) {
		return Framing{Kind: NoBody}, newError(kind, int64(lineOf(raw, name)), near, want)
	}
	switch {
	case lengths == 0 && codings == 0:
		return Framing{Kind: Close}, nil
	case lengths > 0 && codings > 0:
		return fault(LengthAndCoding, "Content-Length", length, "Content-Length or Transfer-Encoding, not both")
	case codings > 1, codings == 1 && (version == version10 || !equalFold(coding, "chunked")):
		return fault(BadCoding, "Transfer-Encoding", coding, `one Transfer-Encoding line "chunked", in HTTP/1.1`)
	case codings == 1:
		return Framing{Kind: Chunked}, nil
	case lengths > 1, !isLength:
		return fault(BadLength, "Content-Length", length, "one Content-Length line with one decimal number below 2^63")
	}
	return Framing{Kind: Length, Length: n}, nil
}

// one returns the last value of a name and how many there are.
func one(h Header, name string) (value string, count int) {
	for line := range h.Lines(name) {
		value = line
		count++
	}
	return value, count
}

// parseLength takes digits only: strconv alone would take a sign.
func parseLength(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

package http1

import (
	"fmt"
	"io"
	"net/http"
)

// A Kind is what is wrong with a message.
type Kind string

const (
	NotHTTP         Kind = "not-http"     // the first bytes of a response are not those of HTTP/1
	BadStartLine    Kind = "start-line"   // not the three parts with one space between
	BadMethod       Kind = "method"       // not a token
	BadTarget       Kind = "target"       // none of the four forms, or bytes that none has
	BadVersion      Kind = "version"      // not HTTP/1.0 or a later minor version
	BadStatus       Kind = "status"       // not three digits from 100 on
	BadReason       Kind = "reason"       // cannot be written
	BadName         Kind = "header-name"  // no colon, or not a token before it
	BadValue        Kind = "header-value" // cannot be written
	SpaceInName     Kind = "space-before-colon"
	ObsoleteFold    Kind = "obs-fold"          // a line that continues the one before
	BareCR          Kind = "bare-cr"           // a carriage return that ends no line
	BareLF          Kind = "bare-lf"           // a line feed without its carriage return
	NUL             Kind = "nul"               // a zero byte in a head
	BadHost         Kind = "host"              // none in HTTP/1.1, more than one, or no host
	BadLength       Kind = "content-length"    // not one number, or more than one line
	BadCoding       Kind = "transfer-encoding" // anything but one "chunked", or in HTTP/1.0
	LengthAndCoding Kind = "length-and-coding" // Content-Length and Transfer-Encoding in one message
	BadChunkSize    Kind = "chunk-size"        // not 1 to 16 hexadecimal digits, or too large
	BadChunkExt     Kind = "chunk-extension"   // control bytes, or something else than an extension
	BadChunkEnd     Kind = "chunk-end"         // no line end after a chunk's data
	BadTrailer      Kind = "trailer"           // a field that frames a message, after its body
	Truncated       Kind = "truncated"         // the connection ended before the message did
	LineTooLong     Kind = "line-too-long"
	HeadTooLarge    Kind = "head-too-large"
	TooManyFields   Kind = "too-many-fields"
	ExtTooLarge     Kind = "chunk-extensions-too-large"
	BodyTooLarge    Kind = "body-too-large"
	TooManyInterim  Kind = "too-many-interim-responses"
)

// Status is the status with which a server answers a request that has this
// fault.
func (k Kind) Status() int {
	switch k {
	case LineTooLong, HeadTooLarge, TooManyFields:
		return http.StatusRequestHeaderFieldsTooLarge
	case BodyTooLarge:
		return http.StatusRequestEntityTooLarge
	case BadCoding:
		// https://www.rfc-editor.org/rfc/rfc9112#section-6.1
		return http.StatusNotImplemented
	case BadVersion:
		return http.StatusHTTPVersionNotSupported
	default:
		return http.StatusBadRequest
	}
}

// An Error is a fault of a message.
type Error struct {
	Kind Kind
	// Offset is the place of the fault, in bytes from the first one of the
	// message. Errors of writing count from the start of what is written.
	Offset int64
	// Near is what stands there, at most 64 bytes of it.
	Near string
	// Want says what should stand there.
	Want string
}

// longestNear bounds what an error keeps of a message: enough to find the
// place, too little to fill a log with.
const longestNear = 64

func newError(kind Kind, offset int64, near, want string) *Error {
	return &Error{kind, offset, near[:min(len(near), longestNear)], want}
}

// Error is one line: nothing of the message stands in it unquoted.
func (e *Error) Error() string {
	s := fmt.Sprintf("http1: %s at byte %d", e.Kind, e.Offset)
	if e.Near != "" {
		s += fmt.Sprintf(": %q", e.Near)
	}
	if e.Want != "" {
		s += " (" + e.Want + ")"
	}
	return s
}

// Unwrap gives io.ErrUnexpectedEOF for a message cut short.
func (e *Error) Unwrap() error {
	if e.Kind == Truncated {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// Is makes a Kind usable with errors.Is.
func (e *Error) Is(target error) bool {
	kind, ok := target.(Kind)
	return ok && kind == e.Kind
}

// Error makes a Kind a target of errors.Is: errors.Is(err, http1.BareLF).
func (k Kind) Error() string { return string(k) }

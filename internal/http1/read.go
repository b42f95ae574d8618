package http1

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// A Reader reads the messages of one direction of a connection: a head, its
// body to the end, the next head. It never reads beyond the message: what
// follows stays in the bufio.Reader.
type Reader struct {
	// Limits and Lenience are set before a message is read.
	Limits   Limits
	Lenience Lenience

	br   *bufio.Reader
	raw  []byte // the lines of the head, of the trailer section or of a chunk, as they came
	read int64  // bytes of the message that were read
	body Body

	fault error // of the head read last: nobody knows where the next one begins
}

// NewReader returns a strict reader with default limits. The size of br bounds
// nothing but the number of reads.
func NewReader(br *bufio.Reader) *Reader { return &Reader{br: br} }

// Reset makes the reader read from br, with the limits and the lenience it has.
func (r *Reader) Reset(br *bufio.Reader) {
	*r = Reader{Limits: r.Limits, Lenience: r.Lenience, br: br, raw: r.raw[:0]}
}

// ReadRequestHead reads a request up to its body into h, whose memory it uses
// again. It returns io.EOF if there is none.
//
// One empty line before it is passed over, as old clients add one to a body.
// https://www.rfc-editor.org/rfc/rfc9112#section-2.2
func (r *Reader) ReadRequestHead(h *RequestHead) error {
	*h = RequestHead{Header: h.Header[:0], Forgiven: h.Forgiven[:0], lenience: r.Lenience}
	if err := r.ready(); err != nil {
		return err
	}
	r.fault = r.readHead(true)
	h.Raw = string(r.raw)
	if r.fault == nil {
		p := parser{text: h.Raw, limits: r.Limits, lenience: r.Lenience, forgiveness: h.Forgiven}
		r.fault = p.requestHead(h)
		h.Forgiven = p.forgiveness
	}
	return r.fault
}

// ReadResponseHead reads a response, be it an interim one, up to its body into
// h, whose memory it uses again. It returns io.EOF if there is none.
func (r *Reader) ReadResponseHead(h *ResponseHead) error {
	*h = ResponseHead{Header: h.Header[:0], Forgiven: h.Forgiven[:0], lenience: r.Lenience}
	if err := r.ready(); err != nil {
		return err
	}
	if r.fault = r.expectHTTP(); r.fault == nil {
		r.fault = r.readHead(false)
		h.Raw = string(r.raw)
	}
	if r.fault == nil {
		p := parser{text: h.Raw, limits: r.Limits, lenience: r.Lenience, forgiveness: h.Forgiven}
		r.fault = p.responseHead(h)
		h.Forgiven = p.forgiveness
	}
	return r.fault
}

// errUnread is the caller's mistake, and would be a request smuggled in a body.
var errUnread = errors.New("http1: the body before this head was not read to its end")

// ready refuses to read a head where none can begin.
func (r *Reader) ready() error {
	switch body := &r.body; {
	case r.fault != nil:
		return r.fault
	case body.r == nil || body.Complete():
	case body.err != nil:
		return body.err
	default:
		return errUnread
	}
	r.read, r.body = 0, Body{}
	return nil
}

// expectHTTP looks at the first bytes of a response before it waits for a
// line: servers of other protocols may never send one, or nothing after it.
func (r *Reader) expectHTTP() error {
	const start = "HTTP/"
	first, err := r.br.Peek(len(start))
	switch {
	case len(first) == 0:
		return err // io.EOF between two messages
	case err == nil && string(first) == start:
		return nil
	case err != nil && strings.HasPrefix(start, string(first)):
		return r.cutShort(string(first), err)
	}
	near, _ := r.br.Peek(min(r.br.Buffered(), longestNear))
	return newError(NotHTTP, 0, string(near), `a response begins with "HTTP/1"`)
}

// readHead reads lines into r.raw until one is empty.
func (r *Reader) readHead(passOver bool) error {
	r.raw = r.raw[:0]
	if _, err := r.br.Peek(1); err != nil {
		return err // io.EOF between two messages
	}
	for {
		start := len(r.raw)
		if err := r.readLine(r.Limits.line(), r.Limits.head()); err != nil {
			return err
		}
		switch {
		case start > 0 && isEmptyLine(r.raw[start:]):
			return nil
		case passOver && start == 0 && string(r.raw) == "\r\n":
			r.raw, passOver = r.raw[:0], false
		}
	}
}

// readLine adds a line, with its end, to r.raw, whose size is not to exceed all.
func (r *Reader) readLine(line, all int) error {
	room := min(line, all-len(r.raw))
	limit := r.read + int64(room)
	for {
		piece, err := r.br.ReadSlice('\n')
		r.read += int64(len(piece))
		r.raw = append(r.raw, piece[:min(len(piece), room)]...)
		switch room -= len(piece); {
		case room < 0 && len(r.raw) == all:
			return newError(HeadTooLarge, limit, "", "")
		case room < 0:
			return newError(LineTooLong, limit, "", "")
		case err == nil:
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return r.cutShort(string(r.raw), err)
		}
	}
}

// cutShort makes a fault of the end of a connection within a message.
func (r *Reader) cutShort(read string, err error) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	return newError(Truncated, r.read, read[max(0, len(read)-longestNear):], "the connection ended here")
}

func isEmptyLine(line []byte) bool {
	return len(line) == 1 || len(line) == 2 && line[0] == '\r'
}

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
	*h = RequestHead{Header: h.Header[:0], Forgiven: h.Forgiven[:0]}
	if err := r.ready(); err != nil {
		return err
	}
	r.fault = r.readHead(true)
	h.Raw = string(r.raw)
	if r.fault == nil {
		p := parser{text: h.Raw, limits: r.Limits, lenience: r.Lenience, forgiven: h.Forgiven}
		r.fault = p.requestHead(h)
		h.Forgiven = p.forgiven
	}
	return r.fault
}

// ReadResponseHead reads a response, be it an interim one, up to its body into
// h, whose memory it uses again. It returns io.EOF if there is none.
func (r *Reader) ReadResponseHead(h *ResponseHead) error {
	*h = ResponseHead{Header: h.Header[:0], Forgiven: h.Forgiven[:0]}
	if err := r.ready(); err != nil {
		return err
	}
	if r.fault = r.expectHTTP(); r.fault == nil {
		r.fault = r.readHead(false)
		h.Raw = string(r.raw)
	}
	if r.fault == nil {
		p := parser{text: h.Raw, limits: r.Limits, lenience: r.Lenience, forgiven: h.Forgiven}
		r.fault = p.responseHead(h)
		h.Forgiven = p.forgiven
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
	if len(first) == 0 || strings.HasPrefix(start, string(first)) {
		if len(first) > 0 && err == nil {
			return nil
		}
		return r.cutShort(string(first), err)
	}
	near, _ := r.br.Peek(min(r.br.Buffered(), longestNear))
	return newError(NotHTTP, 0, string(near), `a response begins with "HTTP/1"`)
}

// readHead reads lines into r.raw until one is empty.
func (r *Reader) readHead(passOver bool) error {
	r.raw = r.raw[:0]
	for {
		start := len(r.raw)
		if err := r.readLine(r.Limits.line(), r.Limits.head()); err != nil {
			return err
		}
		switch {
		case !isEmptyLine(r.raw[start:]), start == 0 && !passOver:
		case start == 0:
			r.raw, passOver = r.raw[:0], false
		default:
			return nil
		}
	}
}

// readLine adds a line, with its end, to r.raw.
func (r *Reader) readLine(line, all int) error {
	for left := line; ; {
		piece, err := r.br.ReadSlice('\n')
		r.read += int64(len(piece))
		r.raw = append(r.raw, piece[:min(len(piece), left)]...)
		switch left -= len(piece); {
		case left < 0:
			return newError(LineTooLong, r.read, "", "")
		case len(r.raw) > all:
			return newError(HeadTooLarge, r.read, "", "")
		case err == nil:
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return r.cutShort(string(r.raw), err)
		}
	}
}

// cutShort tells the end of a connection between two messages from one within
// a message.
func (r *Reader) cutShort(read string, err error) error {
	switch {
	case !errors.Is(err, io.EOF):
		return err
	case read == "" && r.read == 0: // nothing of a message yet
		return io.EOF
	default:
		return newError(Truncated, r.read, read[max(0, len(read)-longestNear):], "the connection ended here")
	}
}

func isEmptyLine(line []byte) bool {
	return len(line) == 1 || len(line) == 2 && line[0] == '\r'
}

package http1

import (
	"errors"
	"io"
)

// A Body reads the body of the message whose head was read last. It returns
// io.EOF where the framing says that the body ends, never before.
type Body struct {
	r       *Reader
	kind    FramingKind
	left    int64 // of the length, of the chunk, or of the limit until close
	total   int64 // content announced, where that is limited
	limit   int64 // negative for none
	err     error // of the last Read; it stays
	chunks  chunks
	trailer Header
}

// Body returns a reader of the body that a head is framed to have. It lives
// until the next head is read.
func (r *Reader) Body(f Framing) *Body {
	r.body = Body{r: r, kind: f.Kind, limit: r.Limits.body()}
	b := &r.body
	switch f.Kind {
	case Length:
		b.left, b.err = f.Length, b.announce(f.Length)
	case Close:
		b.left = b.limit
	case Chunked:
		b.chunks.extensions = r.Limits.chunkExtensions()
	default:
		b.err = io.EOF
	}
	return b
}

// Complete reports whether the body was read to its end. Where that is not the
// end of the connection, the next message follows.
func (b *Body) Complete() bool { return b.err == io.EOF }

// Trailer returns the fields behind a chunked body, once that is complete.
func (b *Body) Trailer() Header { return b.trailer }

// Forgiven says what the reader's Lenience let pass in a chunked body.
func (b *Body) Forgiven() []*Error { return b.chunks.forgiveness }

// Read reads content.
func (b *Body) Read(p []byte) (n int, err error) {
	if b.err != nil {
		return 0, b.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	switch b.kind {
	case Length:
		n, b.err = b.readLength(p)
	case Chunked:
		n, b.err = b.readChunked(p)
	case Close:
		n, b.err = b.readToClose(p)
	}
	return n, b.err
}

func (b *Body) readLength(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	n, err := b.readLeft(p)
	if err == nil && b.left == 0 {
		err = io.EOF
	}
	return n, err
}

func (b *Body) readChunked(p []byte) (int, error) {
	if b.left == 0 {
		if err := b.nextChunk(); err != nil {
			return 0, err
		}
	}
	return b.readLeft(p)
}

// readLeft reads what the length or the chunk has promised.
func (b *Body) readLeft(p []byte) (int, error) {
	n, err := b.r.br.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	b.r.read += int64(n)
	if errors.Is(err, io.EOF) {
		return n, newError(Truncated, b.r.read, "", "the connection ended within the body")
	}
	return n, err
}

// readToClose reads one byte more than the limit to tell a body of just that
// size from a larger one.
func (b *Body) readToClose(p []byte) (int, error) {
	if b.limit >= 0 && int64(len(p)) > b.left {
		p = p[:b.left+1]
	}
	n, err := b.r.br.Read(p)
	b.r.read += int64(n)
	if b.left -= int64(n); b.limit >= 0 && b.left < 0 {
		return n - 1, b.tooLarge()
	}
	return n, err
}

// announce counts content that follows.
func (b *Body) announce(n int64) error {
	if b.limit < 0 {
		return nil
	}
	if n > b.limit-b.total {
		return b.tooLarge()
	}
	b.total += n
	return nil
}

func (b *Body) tooLarge() error {
	return newError(BodyTooLarge, b.r.read, "", "")
}

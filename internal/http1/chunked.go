package http1

import (
	"bytes"
	"io"
	"math"
)

// chunks is what a chunked body remembers between two chunks.
type chunks struct {
	begun      bool
	extensions int // bytes that extensions may still have
	forgiveness
}

// The longest chunk size: 16 digits are more than any length has, even with
// some zeros in front.
const longestSize = 16

// nextChunk goes to the data of the next chunk; behind the last one, it reads
// the trailer section and returns io.EOF.
//
// https://www.rfc-editor.org/rfc/rfc9112#section-7.1
func (b *Body) nextChunk() error {
	if b.chunks.begun {
		if err := b.chunkEnd(); err != nil {
			return err
		}
	}
	b.chunks.begun = true
	size, err := b.chunkSize()
	if err != nil {
		return err
	}
	if size == 0 {
		return b.readTrailer()
	}
	b.left = size
	return b.announce(size)
}

// chunkEnd reads the line end behind a chunk's data. It is read when the next
// chunk is asked for, so that data never waits for it, and byte by byte, so that
// what stands there instead is not waited for either.
func (b *Body) chunkEnd() error {
	at := b.r.read
	c, err := b.readByte()
	if err == nil && c == '\r' {
		c, err = b.readByte()
	} else if err == nil && c == '\n' {
		err = b.chunks.forgive(b.r.Lenience.BareLF, newError(BareLF, at, "\n", "a line ends in CR LF"))
	}
	if err == nil && c != '\n' {
		err = newError(BadChunkEnd, b.r.read-1, string(c), "CR LF behind the chunk's data")
	}
	return err
}

func (b *Body) readByte() (byte, error) {
	c, err := b.r.br.ReadByte()
	if err != nil {
		return 0, b.r.cutShort("", err)
	}
	b.r.read++
	return c, nil
}

func (b *Body) chunkSize() (int64, error) {
	at := b.r.read
	line, err := b.chunkLine()
	if err != nil {
		return 0, err
	}
	digits, extension := line, line[len(line):]
	if i := bytes.IndexAny(line, "; \t"); i >= 0 {
		digits, extension = line[:i], line[i:]
	}
	b.chunks.extensions -= len(extension)
	size, ok := parseSize(digits)
	if !ok {
		return 0, newError(BadChunkSize, at, string(line), "1 to 16 hexadecimal digits, below 2^63")
	}
	if !isExtension(extension) {
		spaces := len(bytes.Trim(extension, " ")) == 0
		return size, b.chunks.forgive(spaces && b.r.Lenience.SpaceAfterChunkSize,
			newError(BadChunkExt, at+int64(len(digits)), string(extension), "a semicolon and text without control bytes"))
	}
	return size, nil
}

// chunkLine reads the line before a chunk's data and returns it without its end.
func (b *Body) chunkLine() ([]byte, error) {
	r, at := b.r, b.r.read
	r.raw = r.raw[:0]
	longest := longestSize + len("\r\n") + b.chunks.extensions
	switch err := r.readLine(longest, longest+1); {
	case kindOf(err) == LineTooLong:
		return nil, newError(ExtTooLarge, at, string(r.raw), "")
	case err != nil:
		return nil, err
	}
	line := r.raw[:len(r.raw)-1]
	if line, ok := bytes.CutSuffix(line, []byte("\r")); ok {
		return line, nil
	}
	return line, b.chunks.forgive(r.Lenience.BareLF, newError(BareLF, r.read-1, string(line), "a line ends in CR LF"))
}

// isExtension does not hold an extension against its grammar: it is thrown
// away, and without control bytes, nobody finds its end elsewhere.
//
// https://www.rfc-editor.org/rfc/rfc9112#section-7.1.1
func isExtension(s []byte) bool {
	if len(s) > 0 && !bytes.HasPrefix(bytes.TrimLeft(s, " \t"), []byte(";")) {
		return false
	}
	for _, c := range s {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func parseSize(s []byte) (size int64, ok bool) {
	if len(s) == 0 || len(s) > longestSize {
		return 0, false
	}
	for _, c := range s {
		digit, ok := hexDigit(c)
		if !ok || size > math.MaxInt64>>4 {
			return 0, false
		}
		size = size<<4 | digit
	}
	return size, true
}

func hexDigit(c byte) (int64, bool) {
	switch c = lower(c); {
	case isDigit(c):
		return int64(c - '0'), true
	case 'a' <= c && c <= 'f':
		return int64(c-'a') + 10, true
	}
	return 0, false
}

// readTrailer reads the fields behind the last chunk.
//
// https://www.rfc-editor.org/rfc/rfc9112#section-7.1.2
func (b *Body) readTrailer() error {
	b.r.raw = b.r.raw[:0]
	at := b.r.read
	for end := false; !end; {
		start := len(b.r.raw)
		if err := b.r.readLine(b.r.Limits.line(), b.r.Limits.head()); err != nil {
			return err
		}
		end = isEmptyLine(b.r.raw[start:])
	}
	p := parser{text: string(b.r.raw), base: at, limits: b.r.Limits, lenience: b.r.Lenience, forgiveness: b.chunks.forgiveness}
	trailer, err := p.trailer()
	b.chunks.forgiveness = p.forgiveness
	if err != nil {
		return err
	}
	b.trailer = trailer
	return io.EOF
}

func (p *parser) trailer() (Header, error) {
	if err := p.checkBytes(); err != nil {
		return nil, err
	}
	trailer, err := p.fields(nil)
	if err != nil {
		return nil, err
	}
	return trailer, p.checkTrailer(trailer)
}

// checkTrailer refuses what would frame or route the message if somebody
// merged it into the header.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-6.5.1
func (p *parser) checkTrailer(trailer Header) error {
	for _, name := range []string{"Content-Length", "Transfer-Encoding", "Host", "Trailer"} {
		if trailer.Has(name) {
			return p.forgive(p.lenience.AnyTrailer, p.fault(BadTrailer, lineOf(p.text, name), name, "no field that frames or routes a message"))
		}
	}
	return nil
}

func kindOf(err error) Kind {
	if e, ok := err.(*Error); ok {
		return e.Kind
	}
	return ""
}

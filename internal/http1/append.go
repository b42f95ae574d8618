package http1

import (
	"io"
	"strconv"
)

// AppendRequestHead appends a head as the bytes of a request, with its empty
// line. It writes the lines of the header as they are and adds none; what
// could not be read back as it was given is an error, and nothing is appended.
// Whether the header frames the body that follows is the caller's business, and
// h.Framing's to say.
func AppendRequestHead(dst []byte, h *RequestHead) ([]byte, error) {
	version := h.Version
	if version == "" {
		version = version11
	}
	switch {
	case !isToken(h.Method):
		return dst, newError(BadMethod, 0, h.Method, "a token")
	case !isTarget(h.Method, h.Target, Lenience{}):
		return dst, newError(BadTarget, int64(len(h.Method)+1), h.Target, targetForms)
	case !isVersion(version):
		return dst, newError(BadVersion, int64(len(h.Method)+len(h.Target)+2), version, version11)
	}
	b := append(dst, h.Method...)
	b = append(b, ' ')
	b = append(b, h.Target...)
	b = append(b, ' ')
	b = append(b, version...)
	b = append(b, "\r\n"...)
	return appendHeader(dst, b, h.Header)
}

// AppendResponseHead appends a head as the bytes of a response, as
// [AppendRequestHead] does.
func AppendResponseHead(dst []byte, h *ResponseHead) ([]byte, error) {
	version := h.Version
	if version == "" {
		version = version11
	}
	switch {
	case !isVersion(version):
		return dst, newError(BadVersion, 0, version, version11)
	case h.Status < 100 || h.Status > 999:
		return dst, newError(BadStatus, int64(len(version)+1), strconv.Itoa(h.Status), "three digits from 100 on")
	case !isText(h.Reason):
		return dst, newError(BadReason, int64(len(version)+5), h.Reason, "no NUL, CR or LF")
	}
	b := append(dst, version...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(h.Status), 10)
	b = append(b, ' ')
	b = append(b, h.Reason...)
	b = append(b, "\r\n"...)
	return appendHeader(dst, b, h.Header)
}

// appendHeader appends to b, which began as dst, and returns dst for an error.
func appendHeader(dst, b []byte, h Header) ([]byte, error) {
	for i := range h {
		name, value := h[i].Name, h[i].Value
		switch at := int64(len(b) - len(dst)); {
		case !isToken(name):
			return dst, newError(BadName, at, name, "a token")
		case !isText(value) || value != trimOWS(value):
			return dst, newError(BadValue, at+int64(len(name)+2), value, "no NUL, CR or LF, and no blanks at its ends")
		}
		b = append(b, name...)
		b = append(b, ": "...)
		b = append(b, value...)
		b = append(b, "\r\n"...)
	}
	return append(b, "\r\n"...), nil
}

// isText reports whether s can stand in a line.
func isText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c == 0 || c == '\r' || c == '\n' {
			return false
		}
	}
	return true
}

// AppendChunk appends data as a chunk. Empty data appends nothing, as an empty
// chunk would end the body.
func AppendChunk(dst, data []byte) []byte {
	if len(data) == 0 {
		return dst
	}
	dst = strconv.AppendInt(dst, int64(len(data)), 16)
	dst = append(dst, "\r\n"...)
	dst = append(dst, data...)
	return append(dst, "\r\n"...)
}

// AppendLastChunk appends the end of a chunked body, with its trailer fields.
func AppendLastChunk(dst []byte, trailer Header) ([]byte, error) {
	p := parser{}
	if err := p.checkTrailer(trailer); err != nil {
		return dst, err
	}
	return appendHeader(dst, append(dst, "0\r\n"...), trailer)
}

// A ChunkWriter writes a chunked body to W, each Write as a chunk and as one
// Write to W. Close ends the body, but does not close W.
type ChunkWriter struct {
	W       io.Writer
	Trailer Header // written by Close
	buf     []byte
}

// Write writes p as a chunk.
func (w *ChunkWriter) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	w.buf = AppendChunk(w.buf[:0], p)
	if _, err := w.W.Write(w.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close writes the end of the body.
func (w *ChunkWriter) Close() (err error) {
	if w.buf, err = AppendLastChunk(w.buf[:0], w.Trailer); err != nil {
		return err
	}
	_, err = w.W.Write(w.buf)
	return err
}

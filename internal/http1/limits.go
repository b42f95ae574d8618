package http1

// Limits bound what a reader takes. Each zero stands for the default.
type Limits struct {
	// Line is the longest start line or field line, with its end. Default: Head.
	Line int
	// Head is the size of a head, and apart from it of a trailer section, with
	// all line ends. Default: 256 KiB, Chromium's limit.
	Head int
	// Fields is the number of field lines in a head, or in a trailer section,
	// folded ones counted as one. Default: 4,096.
	Fields int
	// ChunkExtensions is the size of all chunk extensions of a body. What else
	// a chunk adds is at most 20 bytes, for at least one byte of content.
	// Default: 16 KiB.
	ChunkExtensions int
	// Body is the size of a body, without its chunking. Default: 64 MiB; a
	// negative number sets no limit.
	Body int64
	// Interim is the number of interim responses to one request. Default: 32.
	Interim int
}

const (
	defaultHead            = 256 << 10
	defaultFields          = 4096
	defaultChunkExtensions = 16 << 10
	defaultBody            = 64 << 20
	defaultInterim         = 32
)

func (l Limits) head() int            { return orDefault(l.Head, defaultHead) }
func (l Limits) line() int            { return orDefault(l.Line, l.head()) }
func (l Limits) fields() int          { return orDefault(l.Fields, defaultFields) }
func (l Limits) chunkExtensions() int { return orDefault(l.ChunkExtensions, defaultChunkExtensions) }
func (l Limits) interim() int         { return orDefault(l.Interim, defaultInterim) }

// body returns a negative number for no limit.
func (l Limits) body() int64 { return orDefault(l.Body, defaultBody) }

func orDefault[T int | int64](n, otherwise T) T {
	if n == 0 {
		return otherwise
	}
	return n
}

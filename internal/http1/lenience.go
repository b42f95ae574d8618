package http1

// A Lenience says which faults a reader forgives. The zero value forgives none.
// What is forgiven is reported beside the head, as the error it would have been,
// but for TargetBytes.
//
// Nothing in it makes a reader guess: each has one meaning, in the standard or
// in every browser that takes it.
type Lenience struct {
	// BareLF takes a line feed alone for a line's end.
	// https://www.rfc-editor.org/rfc/rfc9112#section-2.2
	BareLF bool
	// ObsFold joins a line that begins with blanks to the one before, with one
	// space for the blanks, or with the blanks themselves if KeepFoldBlanks.
	// https://www.rfc-editor.org/rfc/rfc9112#section-5.2
	ObsFold, KeepFoldBlanks bool
	// SpaceBeforeColon takes blanks at the end of a name away.
	// https://www.rfc-editor.org/rfc/rfc9112#section-5.1
	SpaceBeforeColon bool
	// MalformedLines leaves lines out that are no field line: without a colon,
	// or with a name that is no token.
	MalformedLines bool
	// NULInLostLines takes a zero byte in a line that is left out.
	NULInLostLines bool
	// RepeatedLength takes several Content-Length lines, or a list, if all of
	// them say the same.
	// https://www.rfc-editor.org/rfc/rfc9112#section-6.3
	RepeatedLength bool
	// LengthWithChunked ignores a Content-Length beside "Transfer-Encoding: chunked".
	// https://www.rfc-editor.org/rfc/rfc9112#section-6.3
	LengthWithChunked bool
	// SpaceAfterChunkSize takes spaces at the end of a chunk's size away.
	SpaceAfterChunkSize bool
	// TargetBytes takes bytes from 0x80 on in the target of a request, as curl
	// sends them where its user has not encoded a path.
	TargetBytes bool
	// AnyTrailer takes any field behind a body, even one that would frame it.
	AnyTrailer bool
}

// What browsers forgive a server, measured with Chromium 156 and Firefox 153.
// Both forgive more, where they disagree or where the message has no one
// meaning; TestBrowsers lists it.
var (
	Chromium = Lenience{
		BareLF:              true,
		ObsFold:             true,
		SpaceBeforeColon:    true,
		MalformedLines:      true,
		RepeatedLength:      true,
		LengthWithChunked:   true,
		SpaceAfterChunkSize: true,
		AnyTrailer:          true,
	}
	Firefox = Lenience{
		BareLF:              true,
		ObsFold:             true,
		KeepFoldBlanks:      true,
		MalformedLines:      true,
		NULInLostLines:      true,
		RepeatedLength:      true,
		LengthWithChunked:   true,
		SpaceAfterChunkSize: true,
		AnyTrailer:          true,
	}
)

// forgiveness is the faults that were forgiven, the first of each kind: a
// server may send tens of thousands.
type forgiveness []*Error

// forgive returns the fault, or keeps it if it is forgiven.
func (f *forgiveness) forgive(forgiven bool, fault *Error) error {
	if !forgiven {
		return fault
	}
	for _, known := range *f {
		if known.Kind == fault.Kind {
			return nil
		}
	}
	*f = append(*f, fault)
	return nil
}

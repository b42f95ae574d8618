package http1

// A Lenience says which faults a reader forgives. The zero value forgives none:
// it is the one for requests. What is forgiven is reported beside the head, as
// the error it would have been.
type Lenience struct {
	// BareLF takes a line feed alone for a line's end.
	// https://www.rfc-editor.org/rfc/rfc9112#section-2.2
	BareLF bool
	// ObsFold joins a line that begins with blanks to the one before, with one
	// space between. https://www.rfc-editor.org/rfc/rfc9112#section-5.2
	ObsFold bool
	// SpaceBeforeColon takes blanks at the end of a name away.
	// https://www.rfc-editor.org/rfc/rfc9112#section-5.1
	SpaceBeforeColon bool
	// MalformedLines leaves lines out that are no field line: without a colon,
	// or with a name that is no token.
	MalformedLines bool
}

// What browsers forgive a server.
var (
	Chromium = Lenience{BareLF: true, ObsFold: true, SpaceBeforeColon: true, MalformedLines: true}
	Firefox  = Lenience{BareLF: true, ObsFold: true, MalformedLines: true}
)

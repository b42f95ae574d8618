package pasted

import (
	"fmt"
	"slices"
)

// A Note tells what a reader should know before trusting a request: what was
// left out of the paste, assumed, or could not be known.
type Note struct {
	Code Code
	Name string // the header, option or flag it is about, if it is about one
	Text string
}

// A Code is the kind of a note.
type Code string

// What the paste leaves open.
const (
	CredentialsGuessed Code = "credentials-guessed" // DevTools wrote a credentials mode that they cannot know
	CredentialsUnknown Code = "credentials-unknown" // the form has no credentials mode
	ModeAssumed        Code = "mode-assumed"        // the form has no mode, or one that fetch() has not
	MethodUnknown      Code = "method-unknown"      // a console line names none
	OriginFromReferrer Code = "origin-from-referrer"
	OriginFromPage     Code = "origin-from-page" // the page that a HAR names
	OriginUnknown      Code = "origin-unknown"
	HeadersUnknown     Code = "headers-unknown" // a console line has none
	AddressUnknown     Code = "address-unknown" // a line of Safari's names only where a redirect leads
	BodyUnknown        Code = "body-unknown"
)

// What was changed or passed over.
const (
	HeadersRemoved   Code = "headers-removed"  // the browser sets them, not the script
	HeaderRestored   Code = "header-restored"  // its name is known from the preflight, its value is not
	ForbiddenHeader  Code = "forbidden-header" // the script sets it and the browser ignores that
	CookiePasted     Code = "cookie-pasted"    // it belongs into the jar
	PreflightTurned  Code = "preflight-turned" // a preflight was pasted; the request is the one it asks for
	PreflightMissing Code = "preflight-missing"
	Sanitized        Code = "sanitized" // the HAR was exported without cookies and credentials
	SchemeAdded      Code = "scheme-added"
	FileNotRead      Code = "file-not-read"
	FlagIgnored      Code = "flag-ignored" // a browser has no such choice
	OptionIgnored    Code = "option-ignored"
	RestIgnored      Code = "rest-ignored" // what follows the request was not looked at
	LineIgnored      Code = "line-ignored"
	BackslashHalved  Code = "backslash-halved" // what DevTools write for cmd is not what curl.exe would send
	Certificate      Code = "certificate-not-verified"
	WebSocket        Code = "websocket-skipped"
	NothingCORS      Code = "nothing-cors" // no request of the HAR crosses an origin
)

func (f *Found) note(code Code, name, format string, args ...any) {
	addNote(&f.Notes, code, name, format, args...)
}

func (p *Pasted) note(code Code, name, format string, args ...any) {
	addNote(&p.Notes, code, name, format, args...)
}

// addNote says nothing twice.
func addNote(notes *[]Note, code Code, name, format string, args ...any) {
	note := Note{code, name, fmt.Sprintf(format, args...)}
	if !slices.Contains(*notes, note) {
		*notes = append(*notes, note)
	}
}

// Package pasted reads what people have in the clipboard when a page's request
// fails, and makes requests of it that package fetch can carry out.
//
//	p, err := pasted.Parse(text)
//	for _, found := range p.Requests {
//		verdict := agent.Fetch(ctx, found.Request)
//		…
//	}
//
// [Parse] recognises by itself what it was given: a call of fetch() as DevTools
// copy it or as people write it, a curl command line in the quoting of bash, of
// cmd or of PowerShell, PowerShell's Invoke-WebRequest, a HAR file, or lines of
// a browser's console. The [Form] says which.
//
// None of these carries the whole request, and some carry what is not true:
// DevTools guess the credentials mode, a command line has the browser's headers
// among the script's, a console line has no method. What had to be left out,
// assumed or could not be known is told in [Note]s. What is not understood is an
// [Error] with its place: nothing is guessed over, and nothing that was pasted
// is ever evaluated or run. The readers are small tokenizers that know literals
// and words, no expressions, and every size has a limit.
//
// [Curl] goes the other way: it prints a request as a command line for bash.
// [Redact] takes the secrets out of a request first.
package pasted

import (
	"slices"

	"github.com/corsac-cors/corsac/fetch"
)

// A Form is what was pasted.
type Form string

const (
	FetchCall  Form = "fetch"           // a call of fetch(), DevTools' "Copy as fetch"
	NodeFetch  Form = "fetch-node"      // "Copy as fetch (Node.js)": cookies in the headers, no modes
	CurlBash   Form = "curl"            // "Copy as cURL (bash)", and curl as people write it
	CurlCmd    Form = "curl-cmd"        // "Copy as cURL (cmd)"
	CurlPwsh   Form = "curl-powershell" // curl.exe in PowerShell's quoting
	PowerShell Form = "powershell"      // Invoke-WebRequest, "Copy as PowerShell"
	HAR        Form = "har"
	Console    Form = "console"
)

// Pasted is what a text held.
type Pasted struct {
	Form Form
	// Browser wrote the text, as far as it tells: "chrome", "firefox", "safari",
	// the names of fetch's profiles, or nothing. Edge writes as Chrome does.
	Browser string
	// Requests are in the order of the text; those of a HAR are the ones to which
	// CORS applies, in the order of the file.
	Requests []Found
	// Messages are the lines of a console.
	Messages []Message
	// Notes are about the text as a whole.
	Notes []Note
}

// Failed returns the requests that the paste itself shows to have failed. Only a
// HAR and a console do.
func (p *Pasted) Failed() []Found {
	return slices.DeleteFunc(slices.Clone(p.Requests), func(f Found) bool { return !f.Failed })
}

// Found is one request of a paste.
type Found struct {
	Request fetch.Request
	Line    int // where it begins
	// By is what made the request, as Chrome's DevTools call it in a HAR: "xhr",
	// "font", "image", …; empty if the paste does not tell.
	By string
	// Failed says that the paste shows the failure of this request.
	Failed bool
	// Cookie is the Cookie header that was pasted. No script can set it: it
	// belongs into the jar.
	Cookie string
	// Removed are pasted headers that the script had not set.
	Removed []Removed
	// Reach is how curl was told to reach the server.
	Reach Reach
	// Recorded is what a HAR kept of the answers, nil for other forms.
	Recorded *Recorded
	// Message is the index in Messages of the line that tells of the request, -1
	// for other forms.
	Message int
	Notes   []Note
}

// Reach is what curl's options say of the way to the server.
type Reach struct {
	Insecure  bool     // -k: certificates are not verified
	Resolve   []string // --resolve: host:port:address[,address]
	ConnectTo []string // --connect-to: host:port:host:port
	Proxy     string   // -x
}

// Parse reads a pasted text. An error about the text is an [*Error].
func Parse(text []byte) (*Pasted, error) {
	s, err := newSource(text)
	if err != nil {
		return nil, err
	}
	s.form = s.recognise()
	switch s.form {
	case HAR:
		return s.parseHAR()
	case FetchCall:
		return s.parseFetch()
	case CurlBash, CurlCmd, CurlPwsh:
		return s.parseCurl()
	case PowerShell:
		return s.parsePowerShell()
	}
	return s.parseConsole()
}

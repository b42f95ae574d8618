// Package corstest tests which web pages can read a server, by doing what
// browsers do. Over any http.Handler, whatever made it:
//
//	func TestPages(t *testing.T) {
//		request := httptest.NewRequest("PUT", "/users/1", strings.NewReader(`{"name":"Ada"}`))
//		request.Header.Set("Content-Type", "application/json")
//		corstest.Allowed(t, handler, "https://app.example.com", request)
//		corstest.Blocked(t, handler, "https://evil.example.net", request)
//	}
//
// [Allowed] and [Blocked] let the page's script send the request through the
// engine of package fetch, preflight and all, once as the Fetch Standard says
// and once as each browser departs from it. When one of them ends otherwise than
// expected, the test fails, and says which step of the standard ended it, which
// values it compared, what to change, and what went over the wire.
//
// Beneath is a table: a [Case] is a request and what must become of it, a
// [Target] a policy, a handler or a live server, and [Run] gives a [Result] for
// each case. A case that could not be decided, because the server did not answer
// or because the request was not sent, is [Undecided], never passed.
//
// Values of headers and queries stay out of messages unless they are known to be
// harmless: see [ShowSecrets].
package corstest

import (
	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/fetch"
)

// A Case is a request of a page and what must become of it.
type Case struct {
	// Name is what the case is called. Empty is made of the request.
	Name string
	// Request is what the page's script asks for. A URL without a host is one
	// of the target's. That the user lets pages reach the local network is
	// taken for granted.
	Request fetch.Request
	// Cookie is what the browser has for the server, as in a Cookie header. It
	// is sent where the request's credentials mode says so.
	Cookie string

	Want Access
	// Because is what the page must be blocked for, or empty for whatever
	// reason. From outside of a server, "no-rule" and "origin" look alike.
	Because corsac.Reason
	// Reads and Hides are response headers that the script must, and must not,
	// be able to read. It is permission that counts: a header that the response
	// does not have is read if it could be.
	Reads, Hides []string
	Preflight    Preflight
}

// Access is whether a page can read a response.
type Access string

const (
	Allow Access = "allow" // also the empty Access
	// Block: the request is not sent after its preflight, or its response is
	// kept from the page.
	Block Access = "block"
)

// A Preflight is whether the browser must ask before it sends a request.
type Preflight string

const (
	AnyPreflight  Preflight = ""
	WithPreflight Preflight = "sent"
	NoPreflight   Preflight = "none"
)

// An Outcome is what becomes of a case.
type Outcome string

const (
	Passed Outcome = "passed"
	Failed Outcome = "failed"
	// Undecided: nothing that happened tells whether the case holds.
	Undecided Outcome = "undecided"
)

// A Result is what became of a case.
type Result struct {
	Case Case
	// Outcome is that of all trials: a case passes if it does in each browser,
	// and fails if it does in one.
	Outcome Outcome
	// Trials has one for each browser that was followed.
	Trials []Trial
}

// A Trial is a case in one browser.
type Trial struct {
	Profile string // "standard", "chrome", "firefox", "safari"
	Outcome Outcome
	// Fault says in words why the case has not passed, Advice what to change.
	// Both are fit to be printed.
	Fault, Advice string
	// Because is what the page was blocked for: several reasons where they
	// cannot be told apart, none where it was not for CORS, or not blocked.
	Because []corsac.Reason
	Verdict fetch.Verdict

	target fetch.URL // what paths of cases are paths of
}

// outcomeOf is the worst of the trials'.
func outcomeOf(trials []Trial) Outcome {
	outcome := Passed
	for _, t := range trials {
		switch {
		case t.Outcome == Failed:
			return Failed
		case t.Outcome == Undecided:
			outcome = Undecided
		}
	}
	return outcome
}

func (c *Case) want() Access {
	if c.Want == "" {
		return Allow
	}
	return c.Want
}

// title is the case's name, or what stands for it.
func (c *Case) title() string {
	if c.Name != "" {
		return printable(c.Name)
	}
	method := c.Request.Method
	if method == "" {
		method = "GET"
	}
	return string(c.want()) + " " + printable(method) + " " + printable(withoutSecrets(c.Request.URL)) + " from " + printable(c.Request.Origin)
}

// Package differential holds the engine of package fetch against real browsers: it makes cases up, has a
// browser's page and the engine fetch the same URLs of the same servers, and compares what each got and
// what the servers saw.
//
//	stage, err := differential.NewStage("https")
//	page, err := browser.NewPage(ctx, stage.PageURL())
//	cases := differential.Generate(seed, 0, 250)
//	theirs, err := stage.InBrowser(ctx, page, cases)
//	ours := stage.InEngine(ctx, fetch.Chrome, cases)
//
// A [Case] is data: the calls of a page's script, and what the servers answer. An [Outcome] is text, the
// same for whoever fetched. So a disagreement is a difference of two texts; [Shrink] finds the smallest
// case that still has it, which is then kept in testdata/corpus and tried again in every run.
//
// The only differences that are no disagreement are the deviations in the browser's fetch.Profile, as the
// engine has them too, and what [Excused] lets pass.
package differential

// A Case is what a page's script fetches, one call after the other, and how the servers answer.
//
// Strings hold bytes as the characters U+0000 to U+00FF, as the strings of scripts do. In them {page},
// {o1} and {o2} stand for the origins of the servers: the page's, another one of the same site, and one of
// another site. {http} is on the page's host without TLS, {https} on another with it, and {plain} one that
// pages with TLS may not fetch from. {id} stands for what makes the URLs of this run of the case unlike all
// others.
type Case struct {
	// Sandboxed says that the script runs in a frame with an opaque origin.
	Sandboxed bool   `json:"sandboxed,omitempty"`
	Calls     []Call `json:"calls"`
	// Hops are the answers for the URLs /c/{id}/0, /c/{id}/1 and so on, at each server. A hop that is not
	// there allows what it is asked for.
	Hops []Hop `json:"hops,omitempty"`
}

// A Call is a call of fetch(), or of XMLHttpRequest's send().
type Call struct {
	Wait        int         `json:"wait,omitempty"` // milliseconds that pass first, by the browser's clock
	URL         string      `json:"url"`
	Method      string      `json:"method,omitempty"`
	Header      [][2]string `json:"header,omitempty"`
	Body        *string     `json:"body,omitempty"`
	Mode        string      `json:"mode,omitempty"`
	Credentials string      `json:"credentials,omitempty"`
	Redirect    string      `json:"redirect,omitempty"`
	Cache       string      `json:"cache,omitempty"`
	Referrer    string      `json:"referrerPolicy,omitempty"`
	XHR         bool        `json:"xhr,omitempty"`
	Upload      bool        `json:"upload,omitempty"` // the XMLHttpRequest has a listener on its upload
}

// A Hop is how a URL is answered. Nil allows what it is asked for.
type Hop struct {
	Preflight *Answer `json:"preflight,omitempty"`
	Actual    *Answer `json:"actual,omitempty"`
}

// An Answer is a response. Its lines are sent as they are, once {origin}, {acrm} and {acrh} have become
// what the request says in Origin, Access-Control-Request-Method and Access-Control-Request-Headers.
type Answer struct {
	Status int      `json:"status"`
	Lines  []string `json:"lines,omitempty"`
	// Raw is sent instead of all that; then the connection ends.
	Raw string `json:"raw,omitempty"`
}

// permission is the answer of hops that are not there.
func permission(status int) *Answer {
	return &Answer{Status: status, Lines: []string{
		"Access-Control-Allow-Origin: {origin}",
		"Access-Control-Allow-Credentials: true",
		"Access-Control-Allow-Methods: {acrm}",
		"Access-Control-Allow-Headers: {acrh}",
	}}
}

func (c *Case) answer(hop int, preflight bool) *Answer {
	var h Hop
	if hop < len(c.Hops) {
		h = c.Hops[hop]
	}
	switch {
	case preflight && h.Preflight != nil:
		return h.Preflight
	case preflight:
		return permission(204)
	case h.Actual != nil:
		return h.Actual
	}
	return permission(200)
}

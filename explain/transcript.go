package explain

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// transcript is the conversation as it was, and what was not sent.
func (i *inquiry) transcript() (all []Exchange) {
	for n := range i.verdict.Exchanges {
		all = append(all, i.exchange(n))
	}
	if f := i.verdict.Failure; f != nil && f.Preflight {
		all = append(all, Exchange{
			Kind: "request", Method: fetch.NormalizeMethod(orElse(i.q.Request.Method, "GET")), URL: i.verdict.Exchanges[f.Exchange].URL, Hop: f.Hop,
			Lines: []Line{{Text: "not sent: the browser stops at the preflight"}},
		})
	}
	return all
}

func (i *inquiry) exchange(n int) Exchange {
	x := &i.verdict.Exchanges[n]
	e := Exchange{
		Kind: turn{x.Hop, x.Preflight}.String(), Method: x.Request.Method, URL: x.URL, Hop: x.Hop, Sent: true,
		Status: x.Response.Status, Millis: millis(x.Timings.FirstByte),
	}
	for _, f := range x.Request.Header {
		if i.isTellingRequest(f.Name) {
			e.Lines = append(e.Lines, Line{Direction: ">", Text: f.Name + ": " + i.shown(f)})
		}
	}
	failure := i.verdict.Failure
	if failure == nil || failure.Exchange != n {
		failure = nil
	}
	switch {
	case failure != nil && wasWithheld(&i.verdict):
		e.Sent = false
		e.Lines = append(e.Lines, Line{Text: "not sent without --send: it may change something"})
	case x.Response.Status == 0:
		e.Lines = append(e.Lines, Line{Text: "no answer", Note: failureNote(failure)})
	default:
		e.Lines = append(e.Lines, i.answerLines(x, failure)...)
	}
	return e
}

func (i *inquiry) answerLines(x *fetch.Exchange, f *fetch.Failure) (lines []Line) {
	status := Line{Direction: "<", Text: strings.TrimSpace(fmt.Sprintf("%d %s", x.Response.Status, visible(x.Response.Reason)))}
	if f != nil && (f.Kind == fetch.PreflightStatus || f.Kind == fetch.PreflightRedirect) {
		status.To, status.Note = utf8.RuneCountInString(status.Text), sentenceOf(f)
	}
	lines = append(lines, status)
	untold := 0
	for _, h := range x.Response.Header {
		if !isTellingResponse(h.Name) && !i.isUnexposed(h.Name) || len(lines) > mostLines {
			untold++
			continue
		}
		lines = append(lines, i.answerLine(h, f))
	}
	if f != nil && strings.HasPrefix(atFault(f), "Access-Control-") && !x.Response.Header.Has(atFault(f)) {
		lines = append(lines, Line{Direction: "<", Text: "(no " + atFault(f) + ")", Note: "what the browser looks for"})
	}
	if untold > 0 {
		lines = append(lines, Line{Text: fmt.Sprintf("and %s without a part in this", counted(untold, "line"))})
	}
	return lines
}

// What is shown of an answer. More is nobody's to read.
const (
	mostLines = 20
	mostValue = 600
)

// answerLine marks the bytes that a failure is about.
func (i *inquiry) answerLine(h fetch.Field, f *fetch.Failure) Line {
	h.Value = shorten(h.Value)
	line := Line{Direction: "<", Text: visible(cut(h.Name)) + ": " + visible(i.shown(h))}
	if f != nil && f.Preflight && strings.EqualFold(h.Name, "WWW-Authenticate") {
		line.To, line.Note = utf8.RuneCountInString(line.Text), "browsers send no token and no cookie with a preflight: no login can succeed"
		return line
	}
	if f == nil || !strings.EqualFold(h.Name, atFault(f)) || f.Kind == fetch.MissingAllowOrigin {
		return line
	}
	from, to := differing(h.Value, f)
	start := utf8.RuneCountInString(visible(cut(h.Name)) + ": ")
	line.From = start + utf8.RuneCountInString(visible(h.Value[:from]))
	line.To = line.From + utf8.RuneCountInString(visible(h.Value[from:to]))
	line.Note = sentenceOf(f)
	return line
}

// atFault is the header of the answer that a failure is about.
func atFault(f *fetch.Failure) string {
	switch f.Kind {
	case fetch.MethodNotAllowed, fetch.InvalidAllowMethods:
		return "Access-Control-Allow-Methods"
	case fetch.HeaderNotAllowed, fetch.InvalidAllowHeaders:
		return "Access-Control-Allow-Headers"
	}
	return f.Name
}

// differing is the part of a value that makes it wrong.
func differing(value string, f *fetch.Failure) (from, to int) {
	switch f.Kind {
	case fetch.AllowOriginMismatch, fetch.InvalidAllowOrigin:
		return difference(value, f.Want)
	case fetch.InvalidAllowMethods, fetch.InvalidAllowHeaders:
		if at := strings.Index(value, f.Value); at >= 0 && f.Value != "" {
			return at, at + len(f.Value)
		}
	}
	return 0, len(value)
}

// difference cuts off what two values have in common at both ends. If that is
// next to nothing, the whole value is wrong.
func difference(got, want string) (from, to int) {
	for from < len(got) && from < len(want) && got[from] == want[from] {
		from++
	}
	to = len(got)
	for end := len(want); to > from && end > from && got[to-1] == want[end-1]; to, end = to-1, end-1 {
	}
	if from < len("https://") || from == to {
		return 0, len(got)
	}
	return from, to
}

func failureNote(f *fetch.Failure) string {
	if f == nil || f.Err == nil {
		return ""
	}
	return f.Err.Error()
}

// shown is a value, without what is secret in it.
func (i *inquiry) shown(f fetch.Field) string {
	if i.q.ShowSecrets {
		return f.Value
	}
	return pasted.RedactValue(f.Name, f.Value)
}

// isTellingRequest reports whether a request's line has a part in the matter.
func (i *inquiry) isTellingRequest(name string) bool {
	switch strings.ToLower(name) {
	case "origin", "access-control-request-method", "access-control-request-headers", "cookie", "content-type":
		return true
	}
	return i.q.Request.Header.Has(name)
}

// isUnexposed reports whether a line is one that a script looks for in vain.
func (i *inquiry) isUnexposed(name string) bool {
	return i.verdict.OK() && i.verdict.Response.Type == fetch.CORSResponse && isOfInterest(name)
}

func isTellingResponse(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "vary", "location", "allow", "www-authenticate", "server", "via", "set-cookie", "age", "x-cache", "x-cache-status", "cache-status", "cf-cache-status", "cf-mitigated", "x-varnish",
		"retry-after", "cross-origin-resource-policy", "x-rack-cors", "cache-control", "x-powered-by":
		return true
	}
	return strings.HasPrefix(lower, "access-control-")
}

func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

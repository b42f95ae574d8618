package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/corsac-cors/corsac/explain"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// input is the address or the text that is asked about: the argument, or stdin.
func (x *explaining) input(args []string) (address, text string, err error) {
	if len(args) == 1 && args[0] != "-" {
		if isAddress(args[0]) {
			return args[0], "", nil
		}
		return "", args[0], nil
	}
	if f, ok := x.stdin.(*os.File); ok && len(args) == 0 && term.IsTerminal(int(f.Fd())) {
		return "", "", misuse("what shall be explained? Give an address, a code, or paste something and write - for it")
	}
	_, from, err := x.open("-")
	if err != nil {
		return "", "", err
	}
	read, err := io.ReadAll(io.LimitReader(from, pasted.MaxHAR+1))
	if err != nil {
		return "", "", err
	}
	text = string(read)
	if trimmed := strings.TrimSpace(text); isAddress(trimmed) {
		return trimmed, "", nil
	}
	return "", text, nil
}

// isAddress: what has no blank and no bracket is an address, or means to be,
// unless it is Chrome's name of an error.
func isAddress(s string) bool {
	return s != "" && !strings.HasPrefix(s, "net::") && !strings.ContainsAny(s, " \t\r\n(){}'\"")
}

// explainText explains what was pasted: each request that failed, or the first
// few if the text does not tell.
func (x *explaining) explainText(text string, each func(explain.Question) *explain.Report) (reports []*explain.Report, err error) {
	p, err := pasted.Parse([]byte(text))
	if err != nil {
		return nil, misuse("%v", err)
	}
	if p.Form == pasted.Console {
		return meanings(p, x.showSecrets), nil
	}
	requests := p.Failed()
	if len(requests) == 0 {
		requests = p.Requests
	}
	if len(requests) == 0 {
		return nil, misuse("%s: there is no request in it to which CORS applies%s", p.Form, told(p.Notes))
	}
	if left := len(requests) - mostPasted; left > 0 && !x.all {
		fmt.Fprintf(x.stderr, "corsac: %d more of the %d requests are left out: --all explains them, too\n", left, len(requests))
		requests = requests[:mostPasted]
	}
	for _, found := range requests {
		q, err := x.questionOf(p, found)
		if err != nil {
			return reports, err
		}
		reports = append(reports, each(q))
	}
	return reports, nil
}

// mostPasted is how many requests of a HAR are explained, unless all are.
const mostPasted = 20

func told(notes []pasted.Note) string {
	if len(notes) == 0 {
		return ""
	}
	return ": " + notes[0].Text
}

// questionOf is a pasted request with the flags laid over it.
func (x *explaining) questionOf(p *pasted.Pasted, found pasted.Found) (explain.Question, error) {
	q := x.newQuestion(found.Request)
	q.Cookie, q.As = found.Cookie, madeBy(found)
	q.Read = append(q.Read, formNames[p.Form]+readBrowser(p.Browser)+": "+cmp.Or(found.Request.Method, "GET")+" "+found.Request.URL)
	for _, n := range append(p.Notes, found.Notes...) {
		q.Read = append(q.Read, n.Text)
		q.Guessed = q.Guessed || n.Code == pasted.CredentialsGuessed && x.credentials == ""
	}
	if found.Recorded != nil {
		q.Read = append(q.Read, "the file answers; nothing is sent")
		q.Transport = found.Recorded
	}
	x.insecure = x.insecure || found.Reach.Insecure
	x.resolve = append(x.resolve, found.Reach.Resolve...)
	return q, x.complete(&q)
}

// madeBy is explain's name for what made a request.
func madeBy(found pasted.Found) string {
	if found.Request.Mode == fetch.ModeNoCORS {
		return map[string]string{"image": "image", "script": "script", "stylesheet": "style"}[found.By]
	}
	return map[string]string{"xhr": "xhr", "font": "font", "image": "image-cors", "script": "script-cors", "eventsource": "eventsource", "ping": "beacon"}[found.By]
}

var formNames = map[pasted.Form]string{
	pasted.FetchCall: "a call of fetch()", pasted.NodeFetch: "a call of fetch() for Node.js", pasted.CurlBash: "a curl command",
	pasted.CurlCmd: "a curl command for cmd", pasted.CurlPwsh: "a curl command for PowerShell", pasted.PowerShell: "Invoke-WebRequest",
	pasted.HAR: "a HAR file", pasted.Console: "a line of the console",
}

func readBrowser(name string) string {
	if name == "" {
		return ""
	}
	return " from " + strings.ToUpper(name[:1]) + name[1:]
}

// meanings are those of a console's lines.
func meanings(p *pasted.Pasted, showSecrets bool) (reports []*explain.Report) {
	for i, m := range p.Messages {
		var notes []pasted.Note
		for _, found := range p.Requests {
			if found.Message == i {
				notes = found.Notes
			}
		}
		reports = append(reports, explain.Meaning(m, notes, showSecrets))
	}
	return reports
}

// newQuestion takes over what the flags say of the asking.
func (x *explaining) newQuestion(r fetch.Request) explain.Question {
	q := explain.Question{
		Request: r, Timeout: x.timeout, Send: x.send, Prove: x.prove, NoProbes: x.noProbes, ShowSecrets: x.showSecrets, Server: x.server,
		ReadPage: x.page != "" && !x.noProbes,
	}
	q.Profile, _ = fetch.ProfileNamed(x.browser)
	return q
}

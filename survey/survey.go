// Package survey finds out which pages a server lets read its responses now,
// before there is a policy, and writes the policy that this amounts to.
//
//	s, err := survey.Live(ctx, survey.Question{URLs: []string{"https://api.example.com/"}, Origins: pages})
//	s, err := survey.Read("nginx", "api.conf", text)
//	fmt.Print(s.File())
//
// A live server is asked, with OPTIONS and GET only. A configuration is put
// into force on a model of its server, which is asked the very same. So there is
// one set of conclusions, in rules.go, and what both say of a configuration can
// be compared.
//
// The policy allows what the server was seen to allow and no more, but for two
// things. What would let strangers in is left out. And what no browser honours,
// but can only have been meant in one way, is written as it was meant. Each is a
// [Finding] that says so, and a comment in the file.
package survey

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// A Survey is what was found out.
type Survey struct {
	Source   string // what was asked or read, without secrets
	Rules    []Rule
	Tests    []Test
	Findings []Finding
	Requests int // how many were sent

	// Unsettled says why no policy could be made of it, or is empty.
	Unsettled string

	secrets []string // that are shown nowhere
	// samples are origins that stand for an expression; madeUp those that it
	// allows only among others.
	samples map[string]*expression
	madeUp  map[string]bool
}

// A Rule is one that was found, and what a reader must know of it.
type Rule struct {
	corsac.Rule
	Comments []string // stand above it
	LeftOut  []LeftOut
}

// A LeftOut is an entry of a rule that is written as a comment only.
type LeftOut struct{ Field, Entry, Why string }

// A Test is a request whose answer was seen, in the words of a policy file.
type Test struct {
	Allow       bool
	Method      string
	Target      string
	Origin      string
	Headers     []string
	Reads       []string
	Credentials bool
	Because     corsac.Reason
}

// A Severity says what is to be done about a finding.
type Severity string

const (
	// Unsafe: pages that nobody meant read responses.
	Unsafe Severity = "unsafe"
	// Broken: pages that were meant cannot read some responses, or will not
	// always be able to.
	Broken Severity = "broken"
	// Note: something to know.
	Note Severity = "note"
)

// A Finding is something to know of what the server says now.
type Finding struct {
	Name     string   `json:"name"` // one or more words with hyphens
	Severity Severity `json:"severity"`
	// Line and Column say where it stands in a configuration; they are 0 for a
	// live server.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Where is the path that was asked, or "".
	Where   string `json:"where,omitempty"`
	Message string `json:"message"`
	// Advice says what to do. It may be empty.
	Advice string `json:"advice,omitempty"`
	// Witness is a request that shows it, with what came back, or "".
	Witness string `json:"witness,omitempty"`
}

// String is the finding on one line.
func (f Finding) String() string {
	var b strings.Builder
	if f.Line > 0 {
		fmt.Fprintf(&b, "%d:%d: ", f.Line, f.Column)
	}
	if f.Where != "" {
		fmt.Fprintf(&b, "%s: ", f.Where)
	}
	fmt.Fprintf(&b, "%s: %s", f.Severity, f.Message)
	if f.Witness != "" {
		fmt.Fprintf(&b, " [%s]", f.Witness)
	}
	if f.Advice != "" {
		fmt.Fprintf(&b, " (%s)", f.Advice)
	}
	return b.String() + " (" + f.Name + ")"
}

// Has reports whether there is a finding of a severity.
func (s *Survey) Has(severity Severity) bool {
	return slices.ContainsFunc(s.Findings, func(f Finding) bool { return f.Severity == severity })
}

// note adds a finding unless it is there.
func (s *Survey) note(f Finding) {
	f.Message, f.Witness, f.Where = visible(f.Message), visible(f.Witness), visible(f.Where)
	known := func(have Finding) bool {
		if f.Line > 0 { // what stands in one place of a configuration is said once
			have.Where, have.Witness = f.Where, f.Witness
		}
		return have == f
	}
	if len(s.Findings) < mostFindings && !slices.ContainsFunc(s.Findings, known) {
		s.Findings = append(s.Findings, f)
	}
}

// mostFindings is more than anybody reads.
const mostFindings = 1000

// settle sorts what there is: findings by severity, and where they stand.
func (s *Survey) settle() *Survey {
	rank := []Severity{Unsafe, Broken, Note}
	slices.SortStableFunc(s.Findings, func(a, b Finding) int {
		if d := slices.Index(rank, a.Severity) - slices.Index(rank, b.Severity); d != 0 {
			return d
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	for i := range s.Findings {
		f := &s.Findings[i]
		f.Message, f.Witness, f.Advice = s.redact(f.Message), s.redact(f.Witness), s.redact(f.Advice)
	}
	s.Unsettled = s.redact(s.Unsettled)
	return s
}

// redact leaves out what was sent in confidence, should it come back.
func (s *Survey) redact(text string) string {
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, pasted.Redacted)
	}
	return text
}

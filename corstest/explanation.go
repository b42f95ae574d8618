package corstest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/fetch"
)

// An Explanation says why a case has not passed, in some browsers or in all.
// All of it is fit to be printed: nothing of a server stands in it unescaped.
type Explanation struct {
	// Browsers are those in which it is so.
	Browsers []string `json:"browsers"`
	Outcome  Outcome  `json:"outcome"`
	Fault    string   `json:"fault"`
	Advice   string   `json:"advice,omitempty"`
	// Because is what the page was blocked for: see [Trial].
	Because []corsac.Reason `json:"because,omitempty"`
	// Step is what ended the fetch, nil if nothing did.
	Step *Step `json:"step,omitempty"`
	// Wire is the conversation, a line each: "> " was sent, "< " came back. Lines
	// that have no part in the matter are left out.
	Wire []string `json:"wire,omitempty"`
}

// A Step is the step of an algorithm that ended a fetch.
type Step struct {
	Algorithm string   `json:"algorithm"`
	Anchor    string   `json:"anchor"`
	What      string   `json:"what"`
	Compared  []string `json:"compared,omitempty"` // "name: value"
}

// Explain says why a case has not passed. Trials that ended alike share an
// explanation; a case that has passed has none.
func (r *Result) Explain() []Explanation { return r.explain(false) }

func (r *Result) explain(showSecrets bool) (all []Explanation) {
	for i := range r.Trials {
		t := &r.Trials[i]
		if t.Outcome == Passed {
			continue
		}
		same := slices.IndexFunc(all, func(e Explanation) bool { return e.covers(t) })
		if same >= 0 {
			all[same].Browsers = append(all[same].Browsers, t.Profile)
			continue
		}
		all = append(all, Explanation{
			Browsers: []string{t.Profile}, Outcome: t.Outcome, Fault: t.Fault, Advice: t.Advice, Because: t.Because,
			Step: stepOf(&t.Verdict), Wire: conversation(t, showSecrets),
		})
	}
	return all
}

// covers reports whether a trial ended as the explanation says, though another
// step may have ended it: a refused preflight has a bad status and lacks its
// headers, and browsers name the one or the other.
func (e *Explanation) covers(t *Trial) bool {
	return e.Outcome == t.Outcome && (e.Fault == t.Fault || len(t.Because) > 0 && slices.Equal(e.Because, t.Because))
}

func stepOf(v *fetch.Verdict) *Step {
	s := endingStep(v)
	if s == nil || v.Kind().Family() == fetch.Misuse || wasNotSent(v) {
		return nil // the fault says it, and what was compared is the case's own
	}
	step := &Step{Algorithm: s.Name, Anchor: s.Anchor, What: printable(s.What)}
	for _, f := range s.Compared {
		value := f.Value
		if strings.Contains(value, "?") || strings.Contains(value, "@") {
			value = withoutSecrets(value)
		}
		step.Compared = append(step.Compared, f.Name+": "+printable(value))
	}
	return step
}

// Where says in which browsers an explanation holds, if not in all.
func (r *Result) where(e *Explanation) string {
	if len(e.Browsers) == len(r.Trials) {
		return ""
	}
	return "in " + strings.Join(e.Browsers, ", ")
}

// String tells the result in a few lines: one if the case has passed.
func (r *Result) String() string { return r.text(false) }

func (r *Result) text(showSecrets bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", r.Case.title(), r.Outcome)
	for _, e := range r.explain(showSecrets) {
		b.WriteString("\n")
		if where := r.where(&e); where != "" {
			fmt.Fprintf(&b, "%s: ", where)
		}
		b.WriteString(e.Fault)
		for _, line := range e.Lines() {
			b.WriteString("\n  " + line)
		}
	}
	return b.String()
}

// Lines are the explanation behind its fault, for terminals and logs.
func (e *Explanation) Lines() (lines []string) {
	if e.Step != nil {
		lines = append(lines, fmt.Sprintf("%s (%s)", e.Step.Algorithm, e.Step.Anchor))
		for _, c := range e.Step.Compared {
			lines = append(lines, "  "+c)
		}
	}
	if e.Advice != "" {
		lines = append(lines, "to do: "+e.Advice)
	}
	return append(lines, e.Wire...)
}

// longest is as much of a text as is printed.
const longest = 300

// printable makes text of servers and cases harmless for terminals and logs.
func printable(s string) string {
	cut := ""
	if len(s) > longest {
		s, cut = s[:longest], "…"
	}
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s) + cut
}

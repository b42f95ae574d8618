package survey

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/corsac-cors/corsac/internal/origins"
)

// An expression is a regular expression of a configuration.
type expression struct {
	source string
	re     *regexp.Regexp
	at     spot
}

// compile reads an expression of PCRE or JavaScript. What Go does not know of
// those, such as lookarounds, is not understood. Matching takes linear time,
// whatever the expression.
func compile(source string, fold bool) (*expression, error) {
	if len(source) > 4096 {
		return nil, errTooLong
	}
	text := source
	if fold {
		text = "(?i)" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	return &expression{source: source, re: re}, nil
}

var errTooLong = &syntax.Error{Code: "the expression is too long"}

// spotOr is where the expression stands, or the other place if it is none.
func (e *expression) spotOr(other spot) spot {
	if e == nil || e.at == (spot{}) {
		return other
	}
	return e.at
}

func (e *expression) matches(s string) bool { return e.re.MatchString(s) }

// A sample is a text that an expression matches, more or less.
type sample struct {
	text     string
	isMadeUp bool // some of its letters stand for others
}

const mostSamples = 200

// origins are those that the text may stand for, or be the end of: what is not
// anchored begins anywhere, and \.example\.com$ in the middle of a host.
func (s sample) origins() []sample {
	schemes := []string{"https://", "http://"}
	if host, _, _ := strings.Cut(s.text, ":"); origins.IsLoopback(host) {
		schemes = []string{"http://", "https://"}
	}
	all := []sample{s}
	for _, scheme := range schemes {
		all = append(all, sample{scheme + s.text, s.isMadeUp})
	}
	for _, scheme := range schemes {
		all = append(all, sample{scheme + "www" + s.text, true})
	}
	return all
}

// samples are texts that the expression matches: one for each of its
// alternatives. A dot is taken for a dot, as it was meant.
func (e *expression) samples() []sample {
	tree, err := syntax.Parse(e.source, syntax.Perl)
	if err != nil {
		return nil
	}
	return samplesOf(tree, 0)
}

func samplesOf(re *syntax.Regexp, depth int) []sample {
	if depth > 100 {
		return []sample{{}}
	}
	switch re.Op {
	case syntax.OpLiteral:
		return []sample{{strings.ToLower(string(re.Rune)), false}}
	case syntax.OpCapture:
		return samplesOf(re.Sub[0], depth+1)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []sample{one(re)}
	case syntax.OpQuest:
		return bounded(append([]sample{{}}, samplesOf(re.Sub[0], depth+1)...))
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		return repeated(re, depth)
	case syntax.OpAlternate:
		var all []sample
		for _, sub := range re.Sub {
			all = bounded(append(all, samplesOf(sub, depth+1)...))
		}
		return all
	case syntax.OpConcat:
		all := []sample{{}}
		for _, sub := range re.Sub {
			all = crossed(all, samplesOf(sub, depth+1))
		}
		return all
	}
	return []sample{{}}
}

func bounded(all []sample) []sample { return all[:min(len(all), mostSamples)] }

func crossed(a, b []sample) []sample {
	var all []sample
	for _, x := range a {
		for _, y := range b {
			if len(all) < mostSamples && len(x.text)+len(y.text) < 512 {
				all = append(all, sample{x.text + y.text, x.isMadeUp || y.isMadeUp})
			}
		}
	}
	return all
}

// one is a character of a class: a dot for any, or the first.
func one(re *syntax.Regexp) sample {
	if re.Op != syntax.OpCharClass {
		return sample{".", false}
	}
	for _, c := range "wa03" {
		if inClass(re.Rune, c) {
			return sample{string(c), true}
		}
	}
	if len(re.Rune) > 0 {
		return sample{strings.ToLower(string(re.Rune[0])), true}
	}
	return sample{}
}

func inClass(ranges []rune, c rune) bool {
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i] <= c && c <= ranges[i+1] {
			return true
		}
	}
	return false
}

// repeated is a name or a number, whichever the class has.
func repeated(re *syntax.Regexp, depth int) []sample {
	sub := re.Sub[0]
	var all []sample
	if re.Op == syntax.OpStar || re.Op == syntax.OpRepeat && re.Min == 0 {
		all = append(all, sample{})
	}
	switch sub.Op {
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return append(all, sample{"www", true}, sample{"www.", true})
	case syntax.OpCharClass:
		switch {
		case inClass(sub.Rune, 'w'):
			return append(all, sample{"www", true})
		case inClass(sub.Rune, '3') && inClass(sub.Rune, '0'):
			return append(all, sample{digits(re), true})
		}
	}
	return bounded(append(all, samplesOf(sub, depth+1)...))
}

// digits are as many as a repetition wants, and four if it has room for them.
func digits(re *syntax.Regexp) string {
	n := 4
	if re.Op == syntax.OpRepeat && re.Max >= 0 {
		n = min(n, re.Max)
	}
	if re.Op == syntax.OpRepeat {
		n = max(n, re.Min)
	}
	return ("3" + strings.Repeat("0", 64))[:min(n, 64)]
}

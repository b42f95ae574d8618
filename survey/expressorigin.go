package survey

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/internal/origins"
)

// A matcher says whether an origin is allowed.
type matcher func(origin string) bool

// origin reads the option of that name, in all its forms.
func (x *expressReading) origin(o *expressOptions, v jsValue) bool {
	switch {
	case v.is("true"):
		o.fixed, o.matchers = "", []matcher{func(string) bool { return true }}
	case v.is("false") || v.is("undefined") || v.is("null"):
		o.off = true
	case v.kind == jsString:
		o.fixed = v.text
	case v.kind == jsRegexp || v.isArray:
		o.fixed = ""
		o.matchers = x.matchers(v)
	default:
		return x.guess(o, v)
	}
	return true
}

// matchers are those of a list's entries.
func (x *expressReading) matchers(v jsValue) (all []matcher) {
	// Lists may hold themselves, or others many times over.
	if x.matched++; x.matched > mostEntries || x.depth == mostDepth {
		return nil
	}
	x.depth++
	defer func() { x.depth-- }()
	v = x.resolve(v)
	switch {
	case v.isArray:
		for _, item := range v.items {
			all = append(all, x.matchers(item)...)
		}
	case v.kind == jsString:
		x.candidate(v.text)
		x.oddEntry(v)
		all = append(all, func(origin string) bool { return origin == v.text })
	case v.kind == jsRegexp:
		if e := x.expression(v.text, strings.Contains(v.flags, "i"), v.at); e != nil {
			all = append(all, e.matches)
		}
	case len(v.code) > 1 && v.code[0].is("..."):
		all = append(all, x.matchers(jsValue{token: v.code[1]})...)
	default:
		all = append(all, x.literalsIn(v)...)
	}
	return all
}

// oddEntry finds entries of a list that match nothing, because the package
// compares them with the whole origin.
func (x *expressReading) oddEntry(v jsValue) {
	if _, err := origins.ParsePattern(v.text); err == nil && !strings.Contains(v.text, "*") {
		return
	}
	f := Finding{Name: "no-origin", Severity: Broken, Line: v.at.line, Column: v.at.column,
		Message: fmt.Sprintf("%q is compared with the whole origin, and no page has that one", v.text)}
	if meant, ok := repaired(v.text); ok {
		f.Advice = "perhaps " + meant + " was meant; it is not written"
	}
	if v.text == "*" {
		f.Advice = `origin: "*" allows all, in a list it does not; it is not written`
	}
	x.note(f)
}

func (x *expressReading) expression(source string, fold bool, at spot) *expression {
	e, err := compile(source, fold)
	if err != nil {
		x.notUnderstood(at, fmt.Sprintf("the expression %q", source))
		return nil
	}
	e.at = at
	if !x.sample(e) {
		x.note(Finding{Name: "no-pattern", Severity: Note, Line: at.line, Column: at.column,
			Message: fmt.Sprintf("no origin is known that the expression %s matches", source),
			Advice:  "list the origins that your pages have"})
	}
	return e
}

// guess looks through a function, or whatever else would have to be evaluated,
// for what origins are compared with.
func (x *expressReading) guess(o *expressOptions, v jsValue) bool {
	o.fixed = ""
	o.byFunction = slices.ContainsFunc(v.code, func(t token) bool { return t.is("=>") || t.is("function") })
	o.matchers = x.literalsIn(v)
	if len(o.matchers) == 0 {
		x.dynamic(o.originAt, "origin")
		return false
	}
	for i := 1; i < len(v.code); i++ {
		if v.code[i].is("origin") && v.code[i-1].is("!") { // requests without Origin, too
			o.matchers = append(o.matchers, func(origin string) bool { return origin == "" })
			break
		}
	}
	x.note(Finding{Name: "guessed", Severity: Note, Line: o.originAt.line, Column: o.originAt.column,
		Message: "origin would have to be evaluated, and nothing is: taken are the origins with which it seems to compare",
		Advice:  "compare them with what your API really allows"})
	return true
}

// literalsIn are the matchers of the literals in a piece of program, and of
// the names in it that stand for lists.
func (x *expressReading) literalsIn(v jsValue) (all []matcher) {
	code := v.code
	if code == nil {
		code = []token{v.token}
	}
	seen := make(map[string]bool)
	for i, t := range code {
		method := ""
		if i >= 2 && code[i-1].is("(") {
			method = code[i-2].text
		}
		known, isKnown := x.constants[t.text]
		switch {
		case t.kind == jsString && slices.Contains([]string{"endsWith", "startsWith", "includes", "indexOf"}, method):
			all = append(all, x.part(method, t.text))
		case t.kind == jsRegexp:
			if e := x.expression(t.text, strings.Contains(t.flags, "i"), t.at); e != nil {
				all = append(all, e.matches)
			}
		case t.kind == jsString && (origins.IsOrigin(t.text) || t.text == "null"):
			x.candidate(t.text)
			all = append(all, func(origin string) bool { return origin == t.text })
		case t.kind == jsName && isKnown && !seen[t.text] && (known.isArray || known.kind == jsString || known.kind == jsRegexp):
			seen[t.text] = true
			all = append(all, x.matchers(known)...)
		}
	}
	return all
}

// part is a comparison with a part of the origin.
func (x *expressReading) part(method, text string) matcher {
	for _, sample := range []string{text, "https://" + text, "https://www" + text, "https://www." + text} {
		if origins.IsOrigin(sample) {
			x.candidate(sample)
			if sample != text {
				x.samples[sample] = &expression{source: fmt.Sprintf("%s(%q)", method, text)}
			}
			break
		}
	}
	switch method {
	case "endsWith":
		return func(origin string) bool { return strings.HasSuffix(origin, text) }
	case "startsWith":
		return func(origin string) bool { return strings.HasPrefix(origin, text) }
	}
	return func(origin string) bool { return strings.Contains(origin, text) }
}

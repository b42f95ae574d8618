package enforcertest

import (
	"fmt"
	"slices"
	"strings"
)

// faults says in what a response is not the answer.
func (want Answer) faults(got *response) (faults []string) {
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if want.Status != 0 && got.status != want.Status {
		add("status %d, want %d", got.status, want.Status)
	}
	cors := got.corsLines()
	switch {
	case sameLines(cors, want.CORS):
	case want.Loose && len(cors) == 0:
	default:
		add("CORS headers %q, want %q", cors, want.CORS)
	}
	if vary := got.vary(); !want.Loose && !sameLines(vary, lower(want.Vary)) {
		add("Vary lists %q, want %q", vary, lower(want.Vary))
	}
	for _, line := range want.Lines {
		if !slices.ContainsFunc(got.lines, func(l string) bool { return canonical(l) == canonical(line) }) {
			add("no line %q", line)
		}
	}
	if !strings.Contains(got.body, want.Body) {
		add("body %.200q does not contain %q", got.body, want.Body)
	}
	if want.BodyWithout != "" && strings.Contains(got.body, want.BodyWithout) {
		add("body %.200q contains %q", got.body, want.BodyWithout)
	}
	return append(faults, want.early(got)...)
}

// early looks at the responses before the final one: no browser asks them for
// permissions, but they must not say anything that the policy does not.
func (want Answer) early(got *response) (faults []string) {
	for _, e := range got.early {
		if cors := e.corsLines(); len(cors) > 0 && !sameLines(cors, want.CORS) {
			faults = append(faults, fmt.Sprintf("CORS headers %q in a response %d", cors, e.status))
		}
	}
	return faults
}

// A response is one as it came over the wire.
type response struct {
	status int
	lines  []string // "Name: value"
	body   string
	early  []*response // those of status 1xx that came before
}

func (r *response) String() string {
	if r == nil {
		return "none"
	}
	return fmt.Sprintf("%d\n%s\n\n%s", r.status, strings.Join(r.lines, "\n"), r.body)
}

// corsLines are those of headers that permit something.
func (r *response) corsLines() (lines []string) {
	for _, line := range r.lines {
		name := strings.ToLower(line)
		if strings.HasPrefix(name, "access-control-") || strings.HasPrefix(name, "timing-allow-origin:") {
			lines = append(lines, canonical(line))
		}
	}
	return lines
}

// vary is what the Vary lines list, in lower case, sorted, and each name once.
func (r *response) vary() (names []string) {
	for _, line := range r.lines {
		name, value, _ := strings.Cut(line, ":")
		if !strings.EqualFold(name, "Vary") {
			continue
		}
		for element := range strings.SplitSeq(value, ",") {
			if element = strings.Trim(element, " \t"); element != "" {
				names = append(names, strings.ToLower(element))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// canonical is a line with its name in lower case and one space behind it.
func canonical(line string) string {
	name, value, _ := strings.Cut(line, ":")
	return strings.ToLower(name) + ": " + strings.Trim(value, " \t")
}

// sameLines compares without order, but counts.
func sameLines(a, b []string) bool {
	norm := func(lines []string) []string {
		c := make([]string, len(lines))
		for i, l := range lines {
			c[i] = canonical(l)
		}
		slices.Sort(c)
		return c
	}
	return slices.Equal(norm(a), norm(b))
}

func lower(names []string) []string {
	l := make([]string, len(names))
	for i, n := range names {
		l[i] = strings.ToLower(n)
	}
	slices.Sort(l)
	return l
}

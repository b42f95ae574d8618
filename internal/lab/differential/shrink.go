package differential

import (
	"regexp"
	"slices"
	"strings"
)

// Shrink makes a case as small as it can while it still disagrees. disagree returns the index of the first
// case that does, or -1.
func Shrink(c Case, disagree func([]Case) int) Case {
	for range mostSteps {
		smaller := c.smaller()
		at := disagree(smaller)
		if at < 0 {
			break
		}
		c = smaller[at]
	}
	return c
}

const mostSteps = 60

// smaller returns the cases that are one step smaller, the largest steps first.
func (c *Case) smaller() (all []Case) {
	try := func(change func(*Case)) {
		changed := c.clone()
		change(&changed)
		all = append(all, changed)
	}
	if len(c.Hops) > 0 {
		try(func(c *Case) { c.Hops = c.Hops[:len(c.Hops)-1] })
	}
	if c.Sandboxed {
		try(func(c *Case) { c.Sandboxed = false })
	}
	for i := range c.Calls {
		if len(c.Calls) > 1 {
			try(func(c *Case) { c.Calls = slices.Delete(c.Calls, i, i+1) })
		}
		c.Calls[i].smaller(func(change func(*Call)) { try(func(c *Case) { change(&c.Calls[i]) }) })
	}
	for i := range c.Hops {
		c.Hops[i].Preflight.smaller(func(a *Answer) { try(func(c *Case) { c.Hops[i].Preflight = a }) })
		c.Hops[i].Actual.smaller(func(a *Answer) { try(func(c *Case) { c.Hops[i].Actual = a }) })
	}
	return all
}

func (c *Case) clone() Case {
	copied := *c
	copied.Calls = slices.Clone(c.Calls)
	for i := range copied.Calls {
		copied.Calls[i].Header = slices.Clone(c.Calls[i].Header)
	}
	copied.Hops = slices.Clone(c.Hops)
	return copied
}

func (call *Call) smaller(try func(func(*Call))) {
	if call.Wait != 0 {
		try(func(c *Call) { c.Wait = 0 })
	}
	if call.XHR {
		try(func(c *Call) { c.XHR, c.Upload = false, false })
	}
	if call.Body != nil {
		try(func(c *Call) { c.Body = nil })
	}
	for _, option := range []func(*Call) *string{
		func(c *Call) *string { return &c.Method }, func(c *Call) *string { return &c.Mode }, func(c *Call) *string { return &c.Credentials },
		func(c *Call) *string { return &c.Redirect }, func(c *Call) *string { return &c.Cache }, func(c *Call) *string { return &c.Referrer },
	} {
		if *option(call) != "" {
			try(func(c *Call) { *option(c) = "" })
		}
	}
	for i, field := range call.Header {
		try(func(c *Call) { c.Header = slices.Delete(c.Header, i, i+1) })
		for _, value := range shorter(field[1]) {
			try(func(c *Call) { c.Header[i][1] = value })
		}
	}
}

func (a *Answer) smaller(try func(*Answer)) {
	if a == nil {
		return
	}
	try(nil)
	if a.Status != 200 {
		try(&Answer{Status: 200, Lines: a.Lines})
	}
	for i, line := range a.Lines {
		try(&Answer{Status: a.Status, Lines: slices.Delete(slices.Clone(a.Lines), i, i+1)})
		name, value, _ := strings.Cut(line, ": ")
		for _, value := range shorter(value) {
			if !strings.ContainsAny(placeholder.ReplaceAllString(value, ""), "{}") {
				lines := slices.Clone(a.Lines)
				lines[i] = name + ": " + value
				try(&Answer{Status: a.Status, Lines: lines})
			}
		}
	}
}

// placeholder is what must not be cut.
var placeholder = regexp.MustCompile(`\{[a-z0-9]+(:u)?\}`)

// shorter returns halves of a long value, and a short one without each of its characters.
func shorter(value string) (all []string) {
	runes := []rune(value)
	if len(runes) > 12 {
		return []string{string(runes[:len(runes)/2]), string(runes[len(runes)/2:]), string(runes[:len(runes)-1]), string(runes[1:])}
	}
	for i := range runes {
		all = append(all, string(slices.Delete(slices.Clone(runes), i, i+1)))
	}
	return all
}

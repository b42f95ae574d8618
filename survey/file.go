package survey

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

// File is the survey as a policy file. It is a valid one.
func (s *Survey) File() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# CORS as %s has it. Written by corsac import: read the comments before you use it.\n", visible(s.Source))
	s.writeRules(&b)
	s.writeTests(&b)
	text := s.redact(b.String())
	if laid, err := policyfile.Format([]byte(text)); err == nil {
		text = string(laid)
	}
	return text
}

func (s *Survey) writeRules(b *strings.Builder) {
	if !slices.ContainsFunc(s.Rules, func(r Rule) bool { return len(r.Origins) > 0 }) {
		b.WriteString("rules: []\n")
	} else {
		b.WriteString("rules:\n")
	}
	for i := range s.Rules {
		s.writeRule(b, &s.Rules[i])
	}
}

// writeRule writes a rule, or what was left of one as a comment.
func (s *Survey) writeRule(b *strings.Builder, r *Rule) {
	for _, f := range s.Findings {
		if f.Severity != Note && f.Where == r.Host+r.Path {
			comment(b, "  ", string(f.Severity)+": "+f.Message)
		}
	}
	for _, c := range r.Comments {
		comment(b, "  ", c)
	}
	mark := ""
	if len(r.Origins) == 0 {
		mark = "# "
	}
	inner := "  " + mark
	line := func(format string, args ...any) { fmt.Fprintf(b, "  "+mark+format+"\n", args...) }
	path := scalar(cmp.Or(r.Path, "/"))
	if r.Host != "" {
		line("- host: %s", scalar(r.Host))
		line("  path: %s", path)
	} else {
		line("- path: %s", path)
	}
	r.writeOrigins(b, inner, line)
	for _, list := range []struct {
		name    string
		entries []string
	}{{"methods", r.Methods}, {"headers", r.Headers}, {"expose", r.Expose}} {
		r.writeList(line, list.name, list.entries)
		r.writeLeftOut(b, inner, list.name)
	}
	if r.Credentials {
		line("  credentials: true")
	}
	r.writeLeftOut(b, inner, "credentials")
	switch {
	case r.MaxAge == corsac.NoCache:
		line("  max-age: 0s")
	case r.MaxAge > 0:
		line("  max-age: %s", duration(r.MaxAge))
	}
	if r.RefuseOthers {
		line("  refuse-others: true")
	}
	if r.Timing {
		line("  timing: true")
	}
}

func (r *Rule) writeOrigins(b *strings.Builder, inner string, line func(string, ...any)) {
	if len(r.Origins) == 0 && !slices.ContainsFunc(r.LeftOut, func(l LeftOut) bool { return l.Field == "origins" }) {
		line("  origins: []")
	} else {
		line("  origins:")
	}
	for _, o := range r.Origins {
		line("    - %s", scalar(o))
	}
	for _, l := range r.LeftOut {
		if l.Field == "origins" {
			comment(b, inner+"    ", fmt.Sprintf("- %s  (%s)", scalar(l.Entry), l.Why))
		}
	}
}

// writeLeftOut writes what was left out of a field, as comments.
func (r *Rule) writeLeftOut(b *strings.Builder, inner, name string) {
	for _, l := range r.LeftOut {
		if l.Field == name {
			comment(b, inner+"  ", fmt.Sprintf("%s: %s  (%s)", name, scalar(l.Entry), l.Why))
		}
	}
}

func (r *Rule) writeList(line func(string, ...any), name string, entries []string) {
	if len(entries) == 0 {
		return
	}
	quoted := make([]string, len(entries))
	for i, e := range entries {
		quoted[i] = inBrackets(e)
	}
	line("  %s: [%s]", name, strings.Join(quoted, ", "))
}

func (s *Survey) writeTests(b *strings.Builder) {
	if len(s.Tests) == 0 {
		return
	}
	b.WriteString("\n# What was seen.\ntests:\n")
	for i := range s.Tests {
		t := &s.Tests[i]
		fmt.Fprintf(b, "  - %s: %s\n", map[bool]string{true: "allow", false: "block"}[t.Allow], scalar(sentenceTail(t)))
		writeNames(b, "headers", t.Headers)
		writeNames(b, "reads", t.Reads)
		if t.Credentials {
			b.WriteString("    credentials: true\n")
		}
		if t.Because != "" {
			fmt.Fprintf(b, "    because: %s\n", t.Because)
		}
	}
}

func writeNames(b *strings.Builder, key string, names []string) {
	if len(names) == 0 {
		return
	}
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = inBrackets(n)
	}
	fmt.Fprintf(b, "    %s: [%s]\n", key, strings.Join(quoted, ", "))
}

func sentenceTail(t *Test) string { return t.Method + " " + t.Target + " from " + t.Origin }

// sentence tells a test from others.
func sentence(t *Test) string {
	return fmt.Sprint(t.Allow, t.Credentials, t.Headers, t.Reads, sentenceTail(t))
}

// comment writes text as comment lines of at most some 100 columns.
func comment(b *strings.Builder, indent, text string) {
	const width = 96
	line := ""
	for word := range strings.FieldsSeq(visible(text)) {
		if line != "" && len(indent)+len(line)+len(word) > width {
			fmt.Fprintf(b, "%s# %s\n", indent, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if line != "" {
		fmt.Fprintf(b, "%s# %s\n", indent, line)
	}
}

// scalar is a string as YAML, in quotes where it might be taken for something
// else.
func scalar(s string) string {
	if isPlain(s) {
		return s
	}
	return quoted(s)
}

func inBrackets(s string) string {
	if isPlain(s) && !strings.ContainsAny(s, ",[]{}") {
		return s
	}
	return quoted(s)
}

// isPlain is narrow: letters first, and nothing with a meaning behind.
func isPlain(s string) bool {
	switch strings.ToLower(s) {
	case "", "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return false
	}
	for i, c := range s {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 && c != '/' || !strings.ContainsRune("0123456789-._~:/*?=&%+ ", c)) {
			return false
		}
	}
	return !strings.Contains(s, ": ") && !strings.HasSuffix(s, ":") && !strings.HasSuffix(s, " ") && !strings.HasPrefix(s, " ")
}

// quoted is a double-quoted scalar.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r > 0x7e:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

// duration is written with the largest unit that fits.
func duration(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}

package explain

import (
	"fmt"
	"strings"
)

// Markdown is the report for an issue or a chat. What comes from elsewhere
// stands in code, where Markdown and HTML mean nothing.
func (r *Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n", plain(r.Headline))
	fmt.Fprintf(&b, "- page %s, %s\n- target %s\n- call %s\n", code(r.Page), r.Target.Relation, code(r.Target.URL),
		code(fmt.Sprintf("%s, mode %s, credentials %s, redirect %s", r.Request.Method, r.Request.Mode, r.Request.Credentials, r.Request.Redirect)))
	for _, reason := range r.Preflight {
		fmt.Fprintf(&b, "- preflight because of %s: %s\n", code(strings.TrimSuffix(reason.Name+": "+reason.Value, ": ")), reason.Why)
	}
	for n, c := range r.Causes {
		title := r.label(n)
		fmt.Fprintf(&b, "\n**%s** (%s, %s): %s\n\n", title, c.Code, c.Certainty, plain(c.Cause))
		for _, line := range c.Evidence {
			fmt.Fprintf(&b, "- %s\n", code(line))
		}
		fmt.Fprintf(&b, "\n**Fix**: %s\n", plain(c.Fix.What))
		if len(c.Fix.Config) > 0 {
			fmt.Fprintf(&b, "\n%s (%s), for this one request:\n", plain(c.Fix.File), c.Fix.Server)
			b.WriteString(fenced(c.Fix.Config))
		}
	}
	r.markdownNeeds(&b)
	r.markdownWire(&b)
	if r.Curl != "" {
		b.WriteString("\nReproduce:\n" + fenced([]string{r.Curl}))
	}
	if r.Meanwhile != "" {
		b.WriteString("\nMeanwhile, for a page in development:\n" + fenced([]string{r.Meanwhile}))
	}
	return b.String()
}

func (r *Report) markdownNeeds(b *strings.Builder) {
	for _, need := range r.Needs {
		fmt.Fprintf(b, "\nThe browser needs at least, from the %s:\n%s", need.Exchange, fenced(need.Lines))
	}
	if len(r.Obstacles) > 1 {
		b.WriteString("\nAll that is in the way:\n\n")
		for n, o := range r.Obstacles {
			fmt.Fprintf(b, "%d. %s: %s → %s\n", n+1, o.Exchange, plain(o.What), code(o.Mend))
		}
	}
}

func (r *Report) markdownWire(b *strings.Builder) {
	var lines []string
	for _, x := range r.Exchanges {
		lines = append(lines, x.Method+" "+x.URL)
		for _, l := range x.Lines {
			lines = append(lines, strings.TrimSpace(l.Direction+" "+l.Text))
		}
	}
	for _, s := range r.Says {
		lines = append(lines, "", browserNames[s.Browser]+":")
		lines = append(lines, s.Lines...)
	}
	if len(lines) > 0 {
		b.WriteString("\n<details><summary>On the wire, and in the console</summary>\n" + fenced(lines) + "\n</details>\n")
	}
}

// code is a code span: its fence is longer than any run of backticks within.
func code(s string) string {
	fence := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

func fenced(lines []string) string {
	text := strings.Join(lines, "\n")
	fence := strings.Repeat("`", max(3, longestRun(text)+1))
	return "\n" + fence + "text\n" + text + "\n" + fence + "\n"
}

func longestRun(s string) (longest int) {
	run := 0
	for i := range len(s) {
		if s[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// plain escapes what Markdown and HTML read.
func plain(s string) string {
	return plainReplacer.Replace(s)
}

var plainReplacer = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", "&lt;", ">", "&gt;", "[", `\[`, "]", `\]`, "|", `\|`, "#", `\#`, "@", "&#64;", "&", "&amp;",
)

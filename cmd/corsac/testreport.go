package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/policyfile"
)

// printRun shows what has not passed where it stands, and counts the rest:
//
//	corsac.yaml:7:5: failed: the page is blocked by the preflight: the method is not allowed
//	  7 |   - allow: PUT /users/1 from https://app.example.com
//	    to do: list PUT in the methods of the rule that covers /users/1
//	corsac.yaml: 1 of 12 tests fails
func (x *tester) printRun(r *testRun) {
	st := styleFor(x.stdout)
	for i := range r.files {
		t := &r.files[i]
		for _, p := range t.problems {
			printProblem(x.stdout, st, t.source, p)
		}
		for i := range t.results {
			x.printResult(st, t, i)
		}
		fmt.Fprintf(x.stdout, "%s: %s\n", t.source.name, t.summary(st, r.target.URL))
	}
}

// summary says how many tests did what.
func (t *fileTests) summary(st style, url string) string {
	where := ""
	if url != "" {
		where = " at " + visible(url)
	}
	if t.left > 0 {
		where += fmt.Sprintf(", %d not run", t.left)
	}
	all, failed, undecided := len(t.results), t.count(corstest.Failed), t.count(corstest.Undecided)
	var parts []string
	if failed > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s %s", failed, counted(all, "test"), oneOrMany(failed, "fails", "fail")))
	}
	if undecided > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s %s undecided", undecided, counted(all, "test"), oneOrMany(undecided, "is", "are")))
	}
	switch {
	case len(t.problems) > 0:
		return st.bad(counted(len(t.problems), "problem"))
	case len(parts) > 0:
		return st.bad(strings.Join(parts, ", ")) + where
	case all == 0:
		return "no tests" + where
	}
	return st.good(counted(all, "test")+" "+oneOrMany(all, "passes", "pass")) + where
}

func oneOrMany(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (x *tester) printResult(st style, t *fileTests, i int) {
	test, r := &t.tests[i], &t.results[i]
	place := st.bold(fmt.Sprintf("%s:%d:%d:", t.source.name, test.Line, test.Column))
	if r.Outcome == corstest.Passed {
		if x.verbose {
			fmt.Fprintf(x.stdout, "%s %s: %s\n", place, st.good("passed"), visible(r.Case.Name))
		}
		return
	}
	for i, e := range r.Explain() {
		fmt.Fprintf(x.stdout, "%s %s\n", place, st.bad(faultOf(r, &e)))
		if i == 0 {
			printEntry(x.stdout, st, t.source, test)
		}
		printExplanation(x.stdout, st, &e)
	}
}

// faultOf is an explanation's first line. It says in which browsers it is so,
// if not in all.
func faultOf(r *corstest.Result, e *corstest.Explanation) string {
	where := ""
	if len(e.Browsers) < len(r.Trials) {
		where = " in " + strings.Join(e.Browsers, ", ")
	}
	return fmt.Sprintf("%s%s: %s", e.Outcome, where, e.Fault)
}

// printEntry shows a test as it is written, over all its lines.
func printEntry(w io.Writer, st style, src source, test *policyfile.Test) {
	columns, _ := size(w)
	lines := entry(src.data, test)
	width := len(fmt.Sprint(test.Line + len(lines) - 1))
	for i, text := range lines {
		number := fmt.Sprintf("%*d |", width, test.Line+i)
		fmt.Fprintf(w, "  %s %s\n", st.faint(number), cut(visible(text), columns-width-6))
	}
}

// entry are the lines of a test in its file.
func entry(data []byte, test *policyfile.Test) (lines []string) {
	for _, line := range bytes.Split(data, []byte("\n"))[test.Line-1:] {
		text := strings.TrimRight(string(line), "\r ")
		if len(lines) > 0 && (text == "" || indent(text) < test.Column-1) {
			break
		}
		lines = append(lines, text)
	}
	return lines
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// cut is as much of a text as there is room for.
func cut(text string, room int) string {
	runes := []rune(text)
	if len(runes) <= room || room < 2 {
		return text
	}
	return string(runes[:room-1]) + "…"
}

func printExplanation(w io.Writer, st style, e *corstest.Explanation) {
	columns, _ := size(w)
	const margin = "    "
	line := func(text string) { fmt.Fprintln(w, margin+text) }
	if e.Step != nil {
		line(fmt.Sprintf("%s %s", e.Step.Algorithm, st.faint(e.Step.Anchor)))
		for _, c := range e.Step.Compared {
			line("  " + cut(c, columns-len(margin)-2))
		}
	}
	if e.Advice != "" {
		line(st.hint("to do: " + e.Advice))
	}
	for _, wire := range e.Wire {
		line(st.faint(cut(wire, columns-len(margin))))
	}
}

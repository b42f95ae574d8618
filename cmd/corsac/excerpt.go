package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/corsac-cors/corsac"
)

// printProblem shows a problem where it stands:
//
//	corsac.yaml:4:15: "put" is not "PUT": methods are case-sensitive
//	  4 |     methods: [put]
//	    |               ^ write "PUT"
func printProblem(w io.Writer, st style, src source, p corsac.Problem) {
	columns, _ := size(w)
	fmt.Fprintf(w, "%s %s\n", st.bold(fmt.Sprintf("%s:%d:%d:", src.name, p.Line, p.Column)), st.bad(visible(p.Message)))
	number := strconv.Itoa(p.Line)
	gutter := strings.Repeat(" ", len(number))
	if text, caret, ok := excerpt(src.data, p.Line, p.Column, columns-len(number)-6); ok {
		fmt.Fprintf(w, "  %s %s\n", st.faint(number+" |"), text)
		fmt.Fprintf(w, "  %s %s%s", st.faint(gutter+" |"), strings.Repeat(" ", caret), st.bad("^"))
	} else {
		fmt.Fprintf(w, "  %s", gutter)
	}
	if p.Hint != "" {
		fmt.Fprintf(w, " %s", st.hint(visible(p.Hint)))
	}
	fmt.Fprintln(w)
}

// excerpt is a line of a file, or so much of it around a column as there is
// room for, and where the column is in it.
func excerpt(data []byte, line, column, room int) (text string, caret int, ok bool) {
	for range line - 1 {
		_, rest, found := bytes.Cut(data, []byte("\n"))
		if !found {
			return "", 0, false
		}
		data = rest
	}
	first, _, _ := bytes.Cut(data, []byte("\n"))
	if len(first) == 0 || room < 10 {
		return "", 0, false
	}
	runes := []rune(visible(strings.TrimSuffix(string(first), "\r")))
	caret = min(column-1, len(runes))
	from := 0
	if caret > room*2/3 {
		from = caret - room*2/3
	}
	to := min(from+room, len(runes))
	text, caret = string(runes[from:to]), caret-from
	if from > 0 {
		text = "…" + text[len(string(runes[from])):]
	}
	if to < len(runes) {
		text = text[:len(text)-len(string(runes[to-1]))] + "…"
	}
	return text, caret, true
}

// visible makes text that comes from elsewhere harmless for a terminal: each
// character that cannot be seen becomes one that can.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r == unicode.ReplacementChar || !unicode.IsPrint(r):
			return '\uFFFD'
		}
		return r
	}, s)
}

package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

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
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return "", 0, false // UTF-16: all of it would be odd characters
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // columns are counted without it
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
	first = bytes.TrimSuffix(first, []byte("\r"))
	caret = min(column-1, utf8.RuneCount(first))
	from := max(caret-room*2/3, 0)
	// A line may be as long as a file: no more of it is copied than is shown.
	shown := first[offset(first, from):]
	end := offset(shown, room)
	runes := []rune(visible(string(shown[:end])))
	if from > 0 {
		runes[0] = '…'
	}
	if end < len(shown) {
		runes[room-1] = '…'
	}
	return string(runes), caret - from, true
}

// offset is where in a text its n-th character begins, or its length.
func offset(text []byte, n int) int {
	i := 0
	for ; n > 0 && i < len(text); n-- {
		_, size := utf8.DecodeRune(text[i:])
		i += size
	}
	return i
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

package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A table is a part of the report.
type table struct {
	Title  string
	Lead   string
	Header []string
	Rows   [][]string
	Notes  []string
	Data   any `json:",omitempty"` // the numbers, where they are more than the cells say
}

func (t *table) add(cells ...string) { t.Rows = append(t.Rows, cells) }

// text writes the table for a terminal.
func (t *table) text(w io.Writer) {
	fmt.Fprintf(w, "%s\n%s\n\n", strings.ToUpper(t.Title), t.Lead)
	width := make([]int, len(t.Header))
	for _, cells := range append([][]string{t.Header}, t.Rows...) {
		for i, c := range cells {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	for _, cells := range append([][]string{t.Header}, t.Rows...) {
		for i, c := range cells {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if i == 0 {
				fmt.Fprint(w, c+pad)
			} else {
				fmt.Fprint(w, "  "+pad+c)
			}
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
	for _, n := range t.Notes {
		fmt.Fprintf(w, "- %s\n", n)
	}
	fmt.Fprintln(w)
}

// markdown writes the table for RESULTS.md.
func (t *table) markdown(w io.Writer) {
	fmt.Fprintf(w, "## %s\n\n%s\n\n", t.Title, t.Lead)
	fmt.Fprintf(w, "| %s |\n| --- |%s\n", strings.Join(t.Header, " | "), strings.Repeat(" ---: |", len(t.Header)-1))
	for _, cells := range t.Rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
	}
	fmt.Fprintln(w)
	for _, n := range t.Notes {
		fmt.Fprintf(w, "- %s\n", n)
	}
	fmt.Fprintln(w)
}

// number is v without decimals, and with separators of thousands.
func number(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	digits := strconv.FormatFloat(math.Abs(v), 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if v <= -0.5 {
		return "-" + digits
	}
	return digits
}

func decimals(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// and joins the names of a list.
func and(names []string) string {
	const most = 3
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more cases", len(names)-most)
	}
	return strings.Join(names, ", ")
}

package explain

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// How text is laid out: labels, bullets, lines that fit.

var toASCII = strings.NewReplacer("✗", "x", "✓", "+", "·", "-", "▸", ">", "→", "->", "…", "...", "‘", "'", "’", "'", "“", `"`, "”", `"`)

// gap is an empty line, but never two.
func (p *page) gap() {
	if !strings.HasSuffix(p.String(), "\n\n") && p.Len() > 0 {
		p.WriteByte('\n')
	}
}

func (p *page) paint(code, text string) string {
	if !p.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

const (
	bold  = "1"
	faint = "2"
	red   = "31"
	green = "32"
	amber = "33"
	blue  = "36"
)

// labelWidth is the width of the column of labels.
const labelWidth = 11

// item is a label and a text that is broken into lines beside it.
func (p *page) item(label, text string) { p.labelled(label, text, "") }

func (p *page) labelled(label, text, color string) {
	for n, line := range p.wrap(text, p.Width-labelWidth-2) {
		if n > 0 {
			label = ""
		}
		fmt.Fprintf(p, "  %s%s\n", p.paint(faint, fmt.Sprintf("%-*s", labelWidth, label)), p.paint(color, line))
	}
}

// bullet is a text behind a mark, indented.
func (p *page) bullet(indent int, mark, text string) {
	for n, line := range p.wrap(text, p.Width-indent-2) {
		if n > 0 {
			mark = " "
		}
		fmt.Fprintf(p, "%*s%s %s\n", indent, "", mark, line)
	}
}

func (p *page) title(text string) { fmt.Fprintf(p, "  %s\n", p.paint(bold, text)) }

// command is a line to copy: it is broken only where a shell joins it again.
func (p *page) command(label, line string) {
	const indent = labelWidth + 2
	room := p.Width - indent - len(` \\`)
	fmt.Fprintf(p, "  %s", p.paint(faint, fmt.Sprintf("%-*s", labelWidth, label)))
	written := 0
	for n, part := range options(line) {
		length := utf8.RuneCountInString(part)
		switch {
		case n == 0:
		case written+1+length > room:
			fmt.Fprintf(p, " \\\n%*s", indent+2, "")
			written = 2
		default:
			p.WriteByte(' ')
			written++
		}
		p.WriteString(part)
		written += length
	}
	p.WriteByte('\n')
}

// options takes a command line apart before each option, but not within quotes.
func options(line string) (parts []string) {
	begin, quotes := 0, false
	for i := range len(line) {
		switch {
		case line[i] == '\'' && (quotes || i == 0 || line[i-1] != '\\'):
			quotes = !quotes
		case !quotes && strings.HasPrefix(line[i:], " -"):
			parts = append(parts, line[begin:i])
			begin = i + 1
		}
	}
	return append(parts, line[begin:])
}

// wrap goes before what ASCII makes longer.
func (p *page) wrap(text string, width int) []string {
	if p.ASCII {
		text = toASCII.Replace(text)
	}
	return wrap(text, width)
}

// wrap breaks a text between words. A word that is too long is broken too.
func wrap(text string, width int) (lines []string) {
	width = max(width, 20)
	line, length := "", 0
	for word := range strings.SplitSeq(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case line == "" && length == 0 && n <= width:
			line, length = word, n
			continue
		case length+1+n <= width:
			line, length = line+" "+word, length+1+n
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		runes := []rune(word)
		for len(runes) > width {
			lines = append(lines, string(runes[:width]))
			runes = runes[width:]
		}
		line, length = string(runes), len(runes)
	}
	return append(lines, line)
}

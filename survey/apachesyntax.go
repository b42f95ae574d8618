package survey

import (
	"fmt"
	"strings"
)

// parseApache reads the syntax of Apache: a directive a line, a backslash at its
// end continues it, and sections within angle brackets. Names are in lower case.
//
// https://httpd.apache.org/docs/2.4/configuring.html#syntax
func parseApache(text string) (*directive, error) {
	root := &directive{isBlock: true}
	at, depth, words := root, 0, 0
	s := spotter{text: text}
	for i := 0; i < len(text); {
		begin := i
		line, next := logicalLine(text, i)
		i = next
		trimmed := strings.TrimLeft(line, " \t")
		begin += len(line) - len(trimmed)
		trimmed = strings.TrimRight(trimmed, " \t\r\n")
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		d := &directive{outer: at}
		d.at = s.spot(begin)
		var err error
		switch {
		case strings.HasPrefix(trimmed, "</"):
			name := strings.ToLower(strings.Trim(trimmed, "</> \t"))
			if at == root || at.text != name {
				return nil, &syntaxError{d.at, fmt.Sprintf("the section %s ends here and has not begun", name)}
			}
			at, depth = at.outer, depth-1
			continue
		case trimmed[0] == '<':
			trimmed = strings.TrimSuffix(trimmed[1:], ">")
			d.isBlock = true
		}
		if err = d.words(trimmed); err != nil {
			return nil, &syntaxError{d.at, err.Error()}
		}
		if words += 1 + len(d.args); words > mostWords || depth == mostDepth {
			return nil, &syntaxError{d.at, "there is more than can be read"}
		}
		at.block = append(at.block, d)
		if d.isBlock {
			at, depth = d, depth+1
		}
	}
	if at != root {
		return nil, &syntaxError{at.at, fmt.Sprintf("the section %s does not end", at.text)}
	}
	return root, nil
}

// logicalLine is the line at i with those that continue it, and where the next
// one begins. Backslashes and line ends become spaces, so that columns stay.
func logicalLine(text string, i int) (line string, next int) {
	begin := i
	for {
		end := strings.IndexByte(text[i:], '\n')
		if end < 0 {
			return unfold(text[begin:]), len(text)
		}
		i += end + 1
		if !strings.HasSuffix(strings.TrimRight(text[begin:i], "\r\n"), `\`) {
			return unfold(text[begin:i]), i
		}
	}
}

func unfold(s string) string {
	return strings.NewReplacer("\\\r\n", "   ", "\\\n", "  ").Replace(s)
}

// words splits a line. A quoted word ends at the same quote; a backslash stands
// before a quote in it.
func (d *directive) words(line string) error {
	rest := line
	for n := 0; ; n++ {
		rest = strings.TrimLeft(rest, " \t\r\n")
		if rest == "" {
			return nil
		}
		offset := len(line) - len(rest)
		w := word{at: spot{d.at.line, d.at.column + offset}}
		if q := rest[0]; (q == '"' || q == '\'') && n > 0 {
			end := 1
			var b strings.Builder
			for ; end < len(rest) && rest[end] != q; end++ {
				if rest[end] == '\\' && end+1 < len(rest) && (rest[end+1] == q || rest[end+1] == '\\') {
					if end++; rest[end] == '\\' {
						b.WriteByte('\\') // an expression needs both
					}
				}
				b.WriteByte(rest[end])
			}
			if end == len(rest) {
				return fmt.Errorf("a string is not closed")
			}
			w.text, rest = b.String(), rest[end+1:]
		} else {
			end := strings.IndexAny(rest, " \t\r\n")
			if end < 0 {
				end = len(rest)
			}
			w.text, rest = rest[:end], rest[end:]
		}
		if n == 0 {
			d.text = strings.ToLower(w.text)
		} else {
			d.args = append(d.args, w)
		}
	}
}

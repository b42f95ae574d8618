package policyfile

import (
	"bytes"
	"regexp"
	"unicode"
	"unicode/utf8"
)

// MaxSize is the size of the largest file that is read, in bytes. It has room
// for a hundred thousand origins.
const MaxSize = 4 << 20

const hintLarge = "keep large sets of origins elsewhere, and give them to the policy in Go"

var byteOrderMark = []byte("\ufeff")

// textOf makes the bytes of a file text that holds no surprises for the
// parser: UTF-8 without byte order mark and control characters, its lines
// ended by "\n" alone. Lines and columns stay what they are in an editor. It
// returns false, with the problems reported, if there is no such text.
func textOf(data []byte, r *report) (text string, ok bool) {
	if len(data) > MaxSize {
		r.add(1, 1, "", hintLarge,
			"the file is larger than %d MiB, which is the most that is read", MaxSize>>20)
		return "", false
	}
	if isUTF16(data) {
		r.add(1, 1, "", "save it as UTF-8; in PowerShell, corsac … | Out-File -Encoding utf8 corsac.yaml", "the file is UTF-16")
		return "", false
	}
	data = bytes.TrimPrefix(data, byteOrderMark)
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\n"), []byte("{")) {
		data = withoutTabs(data, indentation)
	}
	data = withoutTabs(data, emptyLine)
	return string(data), checkCharacters(data, r)
}

// isUTF16 tells by the mark that Windows begins such files with: its older
// PowerShell writes them with >.
func isUTF16(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
}

// withoutTabs makes spaces of tabs where they mean nothing.
func withoutTabs(data []byte, where *regexp.Regexp) []byte {
	if !bytes.Contains(data, []byte("\t")) {
		return data
	}
	return where.ReplaceAllFunc(data, func(tabs []byte) []byte {
		return bytes.ReplaceAll(tabs, []byte("\t"), []byte(" "))
	})
}

var (
	indentation = regexp.MustCompile(`(?m)^[ \t]+`) // of lines of JSON: in braces, unlike elsewhere in YAML
	emptyLine   = regexp.MustCompile(`(?m)^[ \t]+$`)
)

func checkCharacters(data []byte, r *report) (ok bool) {
	before := len(r.problems)
	line := 0
	for text := range bytes.Lines(data) {
		line++
		checkLine(line, text, r)
	}
	return len(r.problems) == before
}

func checkLine(line int, text []byte, r *report) {
	column, indented, leading := 0, true, true
	for len(text) > 0 {
		c, size := utf8.DecodeRune(text)
		text, column = text[size:], column+1
		switch {
		case c == utf8.RuneError && size == 1:
			r.add(line, column, "", "save the file as UTF-8", "the line is not UTF-8")
			return // the rest of the line would only say so again
		case c == '\t' && indented:
			r.add(line, column, "", "indent with spaces", "the line is indented with a tab, which YAML does not allow")
			return
		case c == '\r':
			r.add(line, column, "", "save the file with the line ends of Unix or Windows, LF or CRLF", "a carriage return stands where no line ends")
			return
		case c == '\u00a0' && leading:
			r.add(line, column, "", "write a space", "the line begins with a non-breaking space, which means nothing in YAML")
			return
		case c != '\t' && c != '\n' && unicode.IsControl(c), c == '\u2028', c == '\u2029', c == '\ufeff':
			r.add(line, column, "", "remove it", "the line holds the control character %U", c)
		}
		indented = indented && c == ' '
		leading = leading && (c == ' ' || c == '-')
	}
}

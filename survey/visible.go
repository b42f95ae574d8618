package survey

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/corsac-cors/corsac/internal/pasted"
)

// visible is text from elsewhere as it may be shown: without secrets, what
// cannot be seen escaped, and no longer than anybody reads.
func visible(s string) string {
	s = pasted.RedactValue("", s)
	const longest = 400
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "…"
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x` + strconv.FormatInt(int64(s[0])|0x100, 16)[1:])
		case !unicode.IsPrint(r) || r == utf8.RuneError:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteRune(r)
		}
		s = s[size:]
	}
	return b.String()
}

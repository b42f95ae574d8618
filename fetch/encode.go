package fetch

import "strings"

// encodeSet is a percent-encode set, one bit of percentEncodeSets.
//
// https://url.spec.whatwg.org/#percent-encoded-bytes
type encodeSet uint8

const (
	inC0Control encodeSet = 1 << iota
	inFragment
	inQuery
	inSpecialQuery
	inPath
	inUserinfo
)

// percentEncodeSets tells the sets that each byte is in.
var percentEncodeSets = func() (sets [256]encodeSet) {
	const all = inC0Control | inFragment | inQuery | inSpecialQuery | inPath | inUserinfo
	for c := range 256 {
		if c < 0x20 || c > 0x7E {
			sets[c] = all
		}
	}
	add := func(set encodeSet, bytes string) {
		for i := range len(bytes) {
			sets[bytes[i]] |= set
		}
	}
	add(inFragment, " \"<>`")
	add(inQuery|inSpecialQuery|inPath|inUserinfo, " \"#<>")
	add(inSpecialQuery, "'")
	add(inPath|inUserinfo, "?^`{}")
	add(inUserinfo, "/:;=@[\\]|")
	return sets
}()

// percentEncode encodes byte by byte. Bytes that are not UTF-8 keep their
// value, as they do when browsers read a Location header.
//
// https://url.spec.whatwg.org/#string-percent-encode-after-encoding
func percentEncode(s string, set encodeSet) string {
	i := 0
	for i < len(s) && percentEncodeSets[s[i]]&set == 0 {
		i++
	}
	if i == len(s) {
		return s
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s) + 8)
	b.WriteString(s[:i])
	for ; i < len(s); i++ {
		c := s[i]
		if percentEncodeSets[c]&set == 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// percentDecode leaves a "%" alone that two hexadecimal digits do not follow.
//
// https://url.spec.whatwg.org/#percent-decode
func percentDecode(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			high, low := hexValue(s[i+1]), hexValue(s[i+2])
			if high >= 0 && low >= 0 {
				b = append(b, byte(high<<4|low))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// asciiLower is strings.ToLower for ASCII only: no letter beyond it may fold
// into one of a scheme, a header name or a keyword. It is small enough to be
// inlined, and then what is only compared is not put on the heap.
func asciiLower(s string) string {
	if !hasUpper(s) {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		b[i] = lowerByte(c)
	}
	return string(b)
}

func hasUpper(s string) bool {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

func asciiEqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lowerByte(a[i]) != lowerByte(b[i]) {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

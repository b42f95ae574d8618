package fetch

import (
	"encoding/base64"
	"strings"
)

// dataResponse is what a data: URL holds.
//
// https://fetch.spec.whatwg.org/#data-url-processor
func dataResponse(u *URL) (*response, bool) {
	text := u.Path
	if u.HasQuery {
		text += "?" + u.Query
	}
	mime, body, found := strings.Cut(text, ",")
	if !found {
		return nil, false
	}
	body = percentDecode(body)
	mime = strings.Trim(mime, " ")
	if rest, ok := cutBase64(mime); ok {
		decoded, err := base64.StdEncoding.WithPadding(base64.NoPadding).DecodeString(strings.TrimRight(withoutWhitespace(body), "="))
		if err != nil {
			return nil, false
		}
		mime, body = rest, string(decoded)
	}
	if strings.HasPrefix(mime, ";") {
		mime = "text/plain" + mime
	}
	if _, ok := mimeEssence(mime); !ok {
		mime = "text/plain;charset=US-ASCII"
	}
	return &response{
		url: u, status: 200, reason: "OK", index: -1,
		header: Header{{Name: "Content-Type", Value: mime}}, body: &memoryBody{[]byte(body)},
	}, true
}

func cutBase64(mime string) (rest string, ok bool) {
	const suffix = "base64"
	if len(mime) < len(suffix) || !asciiEqualFold(mime[len(mime)-len(suffix):], suffix) {
		return mime, false
	}
	rest = strings.TrimRight(mime[:len(mime)-len(suffix)], " ")
	return strings.CutSuffix(rest, ";")
}

func withoutWhitespace(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("\t\n\f\r ", r) {
			return -1
		}
		return r
	}, s)
}

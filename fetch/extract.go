package fetch

import "strings"

// extractTokens extracts header list values for a header that is a list of
// tokens: Access-Control-Allow-Methods, -Allow-Headers and -Expose-Headers. The
// list is nil if there is no such header, and not nil if there is one that is
// empty; bad is the first element that is no token.
//
// https://fetch.spec.whatwg.org/#extract-header-list-values
func extractTokens(h Header, name string) (list []string, bad string, ok bool) {
	for line := range h.Lines(name) {
		if list == nil {
			list = make([]string, 0, 4)
		}
		if list, bad, ok = appendTokens(list, line); !ok {
			return nil, bad, false
		}
	}
	return list, "", true
}

// tokensBeforeFault returns what stands before the first element that is no
// token.
func tokensBeforeFault(h Header, name string) (list []string) {
	for line := range h.Lines(name) {
		longer, _, ok := appendTokens(list, line)
		if list = longer; !ok {
			break
		}
	}
	return list
}

// appendTokens parses one line of a list. Empty elements count for nothing.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1.2
func appendTokens(list []string, line string) (longer []string, bad string, ok bool) {
	for more := true; more; {
		var element string
		element, line, more = strings.Cut(line, ",")
		element = trimTabSpace(element)
		if element == "" {
			continue
		}
		if !isToken(element) {
			return list, element, false
		}
		list = append(list, element)
	}
	return list, "", true
}

// extractSingle extracts the value of a header that has one: more than one line
// is a failure.
//
// https://fetch.spec.whatwg.org/#extract-header-list-values
func extractSingle(h Header, name string) (value string, found, ok bool) {
	for line := range h.Lines(name) {
		if found {
			return "", true, false
		}
		value, found = line, true
	}
	return value, found, true
}

func containsFold(list []string, name string) bool {
	for _, element := range list {
		if asciiEqualFold(element, name) {
			return true
		}
	}
	return false
}

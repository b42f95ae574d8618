package pasted

import (
	"regexp"
	"strings"
)

// recognise looks at how the text begins. What is nothing else is read as lines
// of a console, which alone have no fixed beginning.
func (s *source) recognise() Form {
	text := s.rest()
	switch {
	case strings.HasPrefix(text, "{"):
		return HAR
	case beginsFetch(text):
		return FetchCall
	case beginsPowerShell(text):
		return PowerShell
	case beginsCurl(text):
		return curlShell(text)
	}
	return Console
}

// statement is what stands before a call whose promise is kept.
var statement = regexp.MustCompile(`^(?:(?:const|let|var)\s+[\pL_$][\pL\pN_$]*\s*=\s*|return\s+)`)

// beginsFetch reports whether a call of fetch comes first, but for comments and
// the beginning of a statement.
func beginsFetch(text string) bool {
	text = withoutComments(text)
	text = text[len(statement.FindString(text)):]
	text = strings.TrimLeft(strings.TrimPrefix(text, "await"), white)
	for _, object := range []string{"window.", "globalThis.", "self."} {
		text = strings.TrimPrefix(text, object)
	}
	rest, ok := strings.CutPrefix(text, "fetch")
	return ok && strings.HasPrefix(strings.TrimLeft(rest, white), "(")
}

// withoutComments is a script without the comments, blanks and semicolons that
// it begins with.
func withoutComments(text string) string {
	for {
		text = strings.TrimLeft(text, white+";")
		rest, isLine := strings.CutPrefix(text, "//")
		if isLine {
			_, text, _ = strings.Cut(rest, "\n")
			continue
		}
		rest, isBlock := strings.CutPrefix(text, "/*")
		if !isBlock {
			return text
		}
		_, text, _ = strings.Cut(rest, "*/")
	}
}

func beginsPowerShell(text string) bool {
	first, _, _ := strings.Cut(text, "\n")
	word, _, _ := strings.Cut(strings.TrimSpace(first), " ")
	return isWebRequest(word) || strings.HasPrefix(word, "$") && strings.Contains(first, "=")
}

// isWebRequest reports whether word is the name of a command that sends a
// request.
func isWebRequest(word string) bool {
	switch strings.ToLower(word) {
	case "invoke-webrequest", "iwr", "invoke-restmethod", "irm":
		return true
	}
	return false
}

func beginsCurl(text string) bool {
	word := text
	if i := strings.IndexAny(text, " \t\r\n"); i >= 0 {
		word = text[:i]
	}
	return isCurl(word)
}

func isCurl(word string) bool {
	name := strings.ToLower(word[strings.LastIndexAny(word, `/\`)+1:])
	return name == "curl" || name == "curl.exe"
}

// curlShell tells the shells apart by how the first line is continued and by
// the first quote: DevTools break the line after the address, and for cmd they
// write ^" where no other shell has a caret.
func curlShell(text string) Form {
	first, _, more := strings.Cut(text, "\n")
	first = strings.TrimRight(first, " \t\r")
	if more {
		switch {
		case strings.HasSuffix(first, "^"):
			return CurlCmd
		case strings.HasSuffix(first, "`"):
			return CurlPwsh
		case strings.HasSuffix(first, `\`):
			return CurlBash
		}
	}
	if quote := strings.IndexAny(text, `"'`); quote > 0 && text[quote] == '"' && text[quote-1] == '^' {
		return CurlCmd
	}
	return CurlBash
}

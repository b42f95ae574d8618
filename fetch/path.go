package fetch

import "strings"

// normalizePath resolves dots and percent-encodes. dir is the folder, already
// normalized, that a relative path stands in.
func normalizePath(s string, special bool, dir string) string {
	if special && strings.IndexByte(s, '\\') >= 0 {
		s = strings.ReplaceAll(s, `\`, "/")
	}
	if s == "" && dir == "" {
		if special {
			return "/"
		}
		return ""
	}
	if dir == "" && !strings.HasPrefix(s, "/") {
		dir = "/"
	}
	if isPlainPath(s) {
		return dir + s
	}
	segments := splitSegments(dir)
	parts := strings.Split(strings.TrimPrefix(s, "/"), "/")
	for i, part := range parts {
		last := i == len(parts)-1
		switch {
		case isDoubleDot(part):
			if len(segments) > 0 {
				segments = segments[:len(segments)-1]
			}
			if last {
				segments = append(segments, "")
			}
		case isSingleDot(part):
			if last {
				segments = append(segments, "")
			}
		default:
			segments = append(segments, percentEncode(part, inPath))
		}
	}
	return "/" + strings.Join(segments, "/")
}

// splitSegments returns the segments of a folder, which ends in a slash.
func splitSegments(dir string) []string {
	dir = strings.TrimSuffix(strings.TrimPrefix(dir, "/"), "/")
	if dir == "" {
		return nil
	}
	return strings.Split(dir, "/")
}

// isPlainPath reports whether nothing in the path can need work.
func isPlainPath(s string) bool {
	for i := range len(s) {
		if s[i] == '.' || s[i] == '%' || percentEncodeSets[s[i]]&inPath != 0 {
			return false
		}
	}
	return true
}

func isSingleDot(s string) bool { return s == "." || asciiEqualFold(s, "%2e") }

func isDoubleDot(s string) bool {
	return s == ".." || asciiEqualFold(s, ".%2e") || asciiEqualFold(s, "%2e.") || asciiEqualFold(s, "%2e%2e")
}

func isSlash(c byte, special bool) bool { return c == '/' || special && c == '\\' }

func indexSlash(s string, special bool) int {
	for i := range len(s) {
		if isSlash(s[i], special) {
			return i
		}
	}
	return -1
}

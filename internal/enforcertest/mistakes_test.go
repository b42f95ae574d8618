package enforcertest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// What other servers took for a listed origin, and what they made of a right
// answer.

func each(covers func(listed, origin string) bool) func([]string, string) bool {
	return func(all []string, origin string) bool {
		return slices.ContainsFunc(all, func(listed string) bool {
			return covers(listed, origin) || covers(strings.TrimSuffix(listed, ":*"), origin)
		})
	}
}

func matches(format string) func(listed, origin string) bool {
	return func(listed, origin string) bool {
		return regexp.MustCompile(fmt.Sprintf(format, listed)).MatchString(origin)
	}
}

var (
	found              = matches("%s")
	alikeButForDots    = matches("^%s$")
	beginsAsExpression = matches("^%s")
)

func beginsWith(listed, origin string) bool { return strings.HasPrefix(origin, listed) }

func endsAlike(listed, origin string) bool {
	_, host, _ := strings.Cut(listed, "://")
	return strings.HasSuffix(origin, strings.TrimPrefix(host, "*."))
}

func beginsAlike(listed, origin string) bool {
	return matches("^%s")(withStars(listed), origin)
}

func coversAnything(listed, origin string) bool {
	return matches("^%s$")(withStars(listed), origin)
}

// withStars is a regular expression in which a star stands for anything.
func withStars(listed string) string {
	return strings.ReplaceAll(regexp.QuoteMeta(listed), `\*`, ".*")
}

func sameFirstLabel(listed, origin string) bool {
	label, _, _ := strings.Cut(listed, ".")
	got, _, _ := strings.Cut(origin, ".")
	return label == got
}

func concatenated(listed []string, origin string) bool {
	for _, a := range listed {
		for _, b := range listed {
			name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(a, "https://"), "*."), ".")
			if a != b && strings.HasSuffix(origin, name+strings.TrimPrefix(strings.TrimPrefix(b, "https://"), "*.")) {
				return true
			}
		}
	}
	return false
}

// A change is what becomes of the headers of a right answer.
type change func(h http.Header, r *http.Request)

func set(name, value string) change {
	return func(h http.Header, r *http.Request) { h.Set(name, value) }
}

func unset(name string) change {
	return func(h http.Header, r *http.Request) { h.Del(name) }
}

func onlyFor(origin string, c change) change {
	return func(h http.Header, r *http.Request) {
		if r.Header.Get("Origin") == origin {
			c(h, r)
		}
	}
}

func reflect(h http.Header, r *http.Request) {
	if o := r.Header.Get("Origin"); o != "" {
		h.Set("Access-Control-Allow-Origin", o)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
}

func allowPrivateNetwork(h http.Header, r *http.Request) {
	if r.Header["Access-Control-Request-Private-Network"] != nil {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
}

// replaceVary leaves the policy's Vary, and no other.
func replaceVary(h http.Header, r *http.Request) {
	h["Vary"] = []string{"Origin"}
	if r.Method == "OPTIONS" {
		h["Vary"] = []string{"Origin, Access-Control-Request-Method"}
	}
}

func varyWhereAllowed(h http.Header, r *http.Request) {
	if h["Access-Control-Allow-Origin"] == nil {
		h.Del("Vary")
	}
}

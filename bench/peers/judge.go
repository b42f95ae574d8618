package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
)

// judge asks a handler once and returns how its answer differs from what a
// browser must find in it, so that nobody is fast by being wrong. Remarks are
// not about the verdict.
func judge(c *benchCase, wrap func(next http.Handler) (http.Handler, error)) (remarks []string, err error) {
	ran := false
	h, err := wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ran = true
		c.next().ServeHTTP(w, r)
	}))
	if err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, c.request())
	answer := w.Result()

	why := blockedBy(c, answer)
	switch {
	case c.preflight && ran:
		err = fmt.Errorf("the handler sees the preflight")
	case c.verdict == allowed && why != "":
		err = fmt.Errorf("a browser refuses what the policy allows: %s", why)
	case c.verdict == refused && why == "":
		err = fmt.Errorf("a browser allows what the policy refuses")
	case c.verdict == allowed && !c.preflight && !ran:
		err = fmt.Errorf("the handler does not run")
	}
	if !c.preflight && answer.Header.Get("Access-Control-Allow-Origin") != "*" && !varies(answer.Header) {
		remarks = append(remarks, "no Vary: Origin")
	}
	return remarks, err
}

// blockedBy says why a browser does not let the page have what it asked for, or
// "" if it does.
//
// https://fetch.spec.whatwg.org/#concept-cors-check
// https://fetch.spec.whatwg.org/#cors-preflight-fetch
func blockedBy(c *benchCase, answer *http.Response) string {
	origin := answer.Header.Values("Access-Control-Allow-Origin")
	switch {
	case len(origin) != 1 || origin[0] != "*" && origin[0] != c.origin:
		return fmt.Sprintf("Allow-Origin is %q", origin)
	case !c.preflight:
		return ""
	case answer.StatusCode < 200 || 299 < answer.StatusCode:
		return answer.Status
	case !lists(answer.Header.Values("Access-Control-Allow-Methods"), http.MethodPut):
		return "the method is not listed"
	}
	for name := range strings.SplitSeq(c.asks, ",") {
		if name != "" && !lists(answer.Header.Values("Access-Control-Allow-Headers"), name) {
			return fmt.Sprintf("%q is not listed", name)
		}
	}
	return ""
}

func varies(h http.Header) bool { return lists(h.Values("Vary"), "Origin") }

// lists reports whether the lines of a header list a name, or everything.
func lists(lines []string, name string) bool {
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			element = strings.TrimSpace(element)
			if element == "*" || strings.EqualFold(element, name) {
				return true
			}
		}
	}
	return false
}

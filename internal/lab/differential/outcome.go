package differential

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/corsac-cors/corsac/internal/http1"
)

// An Outcome is what came of a case: what the script got from each call, and what the servers saw.
type Outcome struct {
	ID       string // of the run, which is in its URLs; none in the engine
	Results  []string
	Requests []string
}

// Equal reports whether the same came of both.
func (o Outcome) Equal(other Outcome) bool {
	return slices.Equal(o.Results, other.Results) && slices.Equal(o.Requests, other.Requests)
}

// String is the outcome in lines, for people.
func (o Outcome) String() string {
	return "  got  " + strings.Join(o.Results, "\n  got  ") + "\n  sent " + strings.Join(o.Requests, "\n  sent ") + "\n"
}

// Excused reports whether a browser may do what the engine did not: Firefox forgets cached preflights now
// and then, and asks again.
func Excused(browser string, theirs, ours Outcome) bool {
	if browser != "firefox" || !slices.Equal(theirs.Results, ours.Results) {
		return false
	}
	var asked []string // preflights so far
	rest := ours.Requests
	for _, request := range theirs.Requests {
		if len(rest) > 0 && rest[0] == request {
			rest = rest[1:]
		} else if !strings.HasPrefix(request, "PRE") || !repeats(asked, request) {
			return false
		}
		asked = append(asked, request)
	}
	return len(rest) == 0
}

// repeats reports whether a preflight for the same URL was sent before.
func repeats(asked []string, request string) bool {
	where, _, _ := strings.Cut(request, " ")
	return slices.ContainsFunc(asked, func(a string) bool { return strings.HasPrefix(a, where+" ") })
}

// failed is the result of a call whose promise was rejected.
const failed = "nothing"

// result is what a script sees of a response.
type result struct {
	OK         bool        `json:"ok"`
	Type       string      `json:"type"`
	Status     int         `json:"status"`
	URL        string      `json:"url"`
	Redirected bool        `json:"redirected"`
	Header     [][2]string `json:"header"` // names in lower case, combined
	Body       string      `json:"body"`
}

func (r *result) String() string {
	if !r.OK {
		return failed
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %q", r.Type, r.Status, r.URL)
	if r.Redirected {
		b.WriteString(" redirected")
	}
	if r.Body != "" {
		fmt.Fprintf(&b, " body %q", r.Body)
	}
	slices.SortFunc(r.Header, func(a, b [2]string) int { return cmp.Compare(a[0], b[0]) })
	for _, field := range r.Header {
		fmt.Fprintf(&b, " %s=%q", field[0], field[1])
	}
	return b.String()
}

// entry is what the servers' log says of a request: what CORS decides, and what becomes of the headers that
// the script has set.
func (s *Stage) entry(c *Case, server, hop string, r *http1.RequestHead, body int) string {
	method := r.Method
	if isPreflight(r) {
		method = "PRE"
	}
	entry := method + hop + "@" + server
	for _, field := range []struct{ short, name string }{
		{"O", "Origin"}, {"ACRM", "Access-Control-Request-Method"}, {"ACRH", "Access-Control-Request-Headers"},
	} {
		if value, found := r.Header.Get(field.name); found {
			entry += " " + field.short + "=" + s.origins.Replace(value)
		}
	}
	// Cookies of the page's host only: the others have none. From a frame with an opaque origin they are
	// cookies of another site, about which browsers have rules of their own.
	if cookies, found := r.Header.Get("Cookie"); found && !c.Sandboxed {
		entry += " COOKIE:" + cookies
	}
	if body > 0 {
		entry += " body:" + strconv.Itoa(body)
	}
	for _, name := range c.headerNames() {
		if values := r.Header.Values(name); len(values) > 0 && !(method == "PRE" && slices.Contains(browsersOwn, name)) {
			entry += fmt.Sprintf(" %s:%q", name, values)
		}
	}
	return entry
}

// browsersOwn are headers that preflights may have, too, and by no standard.
var browsersOwn = []string{"accept", "accept-language", "user-agent", "cache-control", "pragma"}

// headerNames are the headers that calls set, in lower case, without those that are in the entry anyway, and
// what cache modes set.
func (c *Case) headerNames() []string {
	names := map[string]bool{"cache-control": true, "pragma": true}
	for _, call := range c.Calls {
		for _, field := range call.Header {
			name := strings.ToLower(field[0])
			names[name] = name != "cookie" && name != "origin" && !strings.HasPrefix(name, "access-control-")
		}
	}
	maps.DeleteFunc(names, func(_ string, own bool) bool { return !own })
	return slices.Sorted(maps.Keys(names))
}

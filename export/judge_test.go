package export

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/paths"
)

// A bench judges answers to what was asked under one policy.
type bench struct {
	policy *corsac.Policy
	plan   *plan
	losses []Loss
}

// judge returns what no loss excuses, in words. An answer is right that is so in
// one of the ways in which the question can be read.
func (b *bench) judge(q *question, res *http.Response) string {
	var first string
	for i, r := range q.readings(res) {
		said := b.hear(q, r, res).unexcused(b.losses)
		if said == "" {
			return ""
		}
		if i == 0 {
			first = said
		}
	}
	return first
}

// readings are what the request may be taken for. The first is what Go makes of
// it.
func (q *question) readings(res *http.Response) []*http.Request {
	all := []*http.Request{q.request}
	also := func(change func(r *http.Request)) {
		for _, r := range slices.Clone(all) {
			r = r.Clone(context.Background())
			change(r)
			all = append(all, r)
		}
	}
	if slash.MatchString(q.request.URL.RawPath) {
		// Corsac allows nothing where the ways to read %2f come to different rules.
		// A server that it is exported to has but one way; see paths.
		also(func(r *http.Request) { r.URL.RawPath = "" })
	}
	for _, path := range q.paths(res) {
		also(func(r *http.Request) { r.URL.Path, r.URL.RawPath = path, "" })
	}
	if origin := q.request.Header.Values("Origin"); len(origin) == 1 && strings.Contains(origin[0], ",") {
		// Several lines are one with commas, https://www.rfc-editor.org/rfc/rfc9110#section-5.3
		also(func(r *http.Request) { r.Header["Origin"] = strings.Split(origin[0], ",") })
	}
	if origin := q.request.Header.Get("Origin"); origin != strings.ToLower(origin) {
		// Browsers send origins of the web in lower case: a server may know its own
		// in that only, or in any.
		also(func(r *http.Request) { r.Header.Set("Origin", strings.ToLower(origin)) })
		also(func(r *http.Request) { r.Header.Set("Origin", "https://nobody.invalid") })
	}
	if strings.HasPrefix(res.Header.Get("Server"), "lighttpd") {
		// It takes the port 80 and a dot at the end off every Host: whether a page's
		// own has them, it cannot tell.
		host := dotAtEnd.ReplaceAllString(strings.TrimSuffix(q.request.Host, ":80"), "$1")
		also(func(r *http.Request) { r.Host = host })
		scheme, authority, _ := strings.Cut(q.request.Header.Get("Origin"), "://")
		if authority = dotAtEnd.ReplaceAllString(authority, "$1"); strings.EqualFold(authority, host) {
			also(func(r *http.Request) { r.Header.Set("Origin", scheme+"://"+authority) })
		}
	}
	if res.Header.Get("X-Upgrade") == "none" {
		// What does not reach the API as a handshake is none. So lighttpd answers
		// those that offer h2c first.
		also(func(r *http.Request) { r.Header.Del("Upgrade") })
	}
	return all
}

// paths are others that the request's may stand for: the one that the API sees,
// where it sees any. Elsewhere the server may have resolved dot segments before
// it decoded slashes, and without a slash for the last of them.
func (q *question) paths(res *http.Response) []string {
	if _, seen, reached := strings.Cut(res.Header.Get("X-Reached"), " "); reached {
		seen, _, _ = strings.Cut(seen, "?")
		if seen, err := url.PathUnescape(seen); err == nil {
			return []string{seen}
		}
	}
	resolved := dot.ReplaceAllString(q.request.URL.EscapedPath(), ".")
	var all []string
	for _, p := range []string{paths.Clean(resolved), path.Clean(resolved)} {
		if p, err := url.PathUnescape(p); err == nil && p != paths.Clean(q.request.URL.Path) {
			all = append(all, p)
		}
	}
	return all
}

var (
	slash = regexp.MustCompile(`(?i)%2f`)
	dot   = regexp.MustCompile(`(?i)%2e`)
	// dotAtEnd is that of a host, before its port.
	dotAtEnd = regexp.MustCompile(`\.(:[0-9]+)?$`)
)

// A hearing holds an answer against what the policy decides.
type hearing struct {
	*question
	corsac.Decision
	reading *http.Request
	res     *http.Response
	plan    *plan
	rule    *rule // that speaks, or nil
	want    want
	timing  string   // what Timing-Allow-Origin is to say
	vary    []string // what the API says in Vary
}

func (b *bench) hear(q *question, r *http.Request, res *http.Response) *hearing {
	h := &hearing{question: q, reading: r, res: res, plan: b.plan, Decision: b.policy.Decide(corsac.RequestOf(r))}
	h.rule = b.plan.speaksFor(strings.ToLower(paths.HostName(r.Host)), paths.Clean(r.URL.Path))
	h.want.status, h.want.reached = h.Status(), "no"
	if h.want.status == 0 {
		h.want.status, h.want.reached, h.vary = q.status(), "yes", q.vary()
	}
	for _, f := range h.AppendFields(nil) {
		switch f.Name {
		case allowOrigin:
			h.want.allow = f.Value
		case timingAllowOrigin:
			h.timing = f.Value
		default:
			h.want.lines = append(h.want.lines, f.Name+": "+f.Value)
		}
	}
	return h
}

// A fault is what an answer has otherwise.
type fault struct {
	of   Feature // Vary, Timing, or "" for what matters more
	said string
}

func (h *hearing) unexcused(losses []Loss) string {
	var said []string
	for _, f := range h.faults() {
		if !h.isLost(f, losses) {
			said = append(said, f.said)
		}
	}
	if len(said) == 0 {
		return ""
	}
	speaks := "no rule speaks"
	if h.rule != nil {
		speaks = fmt.Sprintf("under %+v", h.rule.Rule)
	}
	return strings.Join(append(said, speaks), "\n")
}

func (h *hearing) faults() []fault {
	if h.mayFail() && h.isFailure() {
		return nil
	}
	if h.isHandshake() || h.res.Header.Get("X-Reached") == "upgrade" { // as Node.js tells it
		return asFaults("", h.handshake().faults(h.res))
	}
	return slices.Concat(
		asFaults("", h.want.faults(h.res)),
		asFaults(Vary, h.varyFaults()),
		asFaults(Timing, h.timingFaults()))
}

// handshake is what is wanted of the answer to one: 101, or what the API says
// instead. Nobody looks for CORS headers in it.
func (h *hearing) handshake() want {
	w := h.want
	if w.status != http.StatusForbidden {
		w.status = 0
	}
	if !h.allows() {
		w.allow, w.lines = "", nil
	}
	return w
}

func asFaults(of Feature, said []string) []fault {
	var all []fault
	for _, s := range said {
		all = append(all, fault{of, s})
	}
	return all
}

func (h *hearing) varyFaults() []string {
	names := h.vary
	if own := h.Vary(); own != "" {
		names = append(strings.Split(own, ", "), names...)
	}
	said := h.res.Header.Values("Vary")
	faults := missingInVary(said, names)
	if !slices.Contains(names, "Origin") && slices.Contains(said, "Origin") {
		faults = append(faults, "Vary names Origin, on which nothing depends")
	}
	return faults
}

// timingFaults takes a list that has the page for the page.
func (h *hearing) timingFaults() []string {
	got := strings.Join(h.res.Header.Values(timingAllowOrigin), ", ")
	if got == h.timing || h.timing != "" && slices.Contains(strings.Split(got, ", "), h.timing) {
		return nil
	}
	return []string{fmt.Sprintf("%s is %q, not %q", timingAllowOrigin, got, h.timing)}
}

// allows reports whether the answer allows a page anything.
func (h *hearing) allows() bool { return len(h.res.Header.Values(allowOrigin)) > 0 }

func (h *hearing) reached() bool { return h.res.Header.Get("X-Reached") != "" }

// isFailure reports whether the server has refused the request for what it is.
// There is nothing of the API in the answer, and a server that could not read
// the path may have another rule speak, as that for everything.
func (h *hearing) isFailure() bool { return h.res.StatusCode >= 400 && !h.reached() }

// mayFail reports whether servers may refuse such a request: no page sends it
// with the policy's leave.
func (h *hearing) mayFail() bool {
	method, upgrade, origin := h.reading.Method, h.request.Header.Get("Upgrade"), h.request.Header.Get("Origin")
	known := slices.Contains([]string{"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"}, method)
	listed := h.rule != nil && (slices.Contains(h.rule.Methods, method) || slices.Contains(h.rule.Methods, "*"))
	return !known && !listed ||
		upgrade != "" && !strings.EqualFold(upgrade, "websocket") ||
		strings.Contains(origin, "é") ||
		slash.MatchString(h.request.URL.EscapedPath()) || goesAboveRoot(h.request.URL.Path)
}

func goesAboveRoot(path string) bool {
	depth := 0
	for segment := range strings.SplitSeq(path, "/") {
		switch segment {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return false
}

func (h *hearing) isHandshake() bool {
	return h.reading.Method == "GET" && slices.ContainsFunc(strings.Split(h.reading.Header.Get("Upgrade"), ","), func(token string) bool {
		return strings.EqualFold(strings.TrimSpace(token), "websocket")
	})
}

// isLost reports whether a loss says so.
func (h *hearing) isLost(f fault, losses []Loss) bool {
	return slices.ContainsFunc(losses, func(l Loss) bool {
		return (l.Rule == -1 || h.rule != nil && h.rule.index == l.Rule) && h.explains(l, f)
	})
}

// explains reports whether such a loss is about such a request, or about such a
// fault.
func (h *hearing) explains(l Loss, f fault) bool {
	header := h.request.Header
	switch l.Feature {
	case f.of:
		return true
	case TwoOrigins:
		return len(header.Values("Origin")) > 1
	case EmptyLines:
		return slices.Contains(header.Values("Origin"), "") || slices.Contains(header.Values("Access-Control-Request-Method"), "")
	case Preflights:
		return l.Effect == Different && h.Status() == http.StatusNoContent && h.res.StatusCode == http.StatusOK && !h.reached()
	case RefuseOthers:
		return h.Reason == corsac.SameOrigin && h.res.StatusCode == http.StatusForbidden
	case Methods:
		return h.isFailure()
	case Paths:
		odd := h.request.URL.EscapedPath() != paths.Clean(h.request.URL.Path)
		return !h.allows() && (odd || l.Name == expressAlike.Name && h.isAlike())
	case Resources:
		return !h.allows()
	}
	return false
}

// isAlike reports whether another rule would speak, were it not for the case of
// the path, or for a slash at its end.
func (h *hearing) isAlike() bool {
	path := strings.TrimSuffix(paths.Clean(h.reading.URL.Path), "/")
	return slices.ContainsFunc(h.plan.rules, func(r *rule) bool {
		below := r.tree() && len(path) >= len(r.Path) && strings.EqualFold(path[:len(r.Path)], r.Path)
		return r != h.rule && (below || strings.EqualFold(path, r.prefix()))
	})
}

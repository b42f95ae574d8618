package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsac-cors/corsac/fetch"
)

// mostObstacles ends a search that does not come to its end.
const mostObstacles = 60

// mending takes one obstacle after the other out of the way of a request. The
// engine itself says what comes next: it fetches from a server that answers as
// the real one did, but for what is mended by then.
type mending struct {
	profile   fetch.Profile
	request   fetch.Request
	replay    *replay
	obstacles []Obstacle
	verdict   fetch.Verdict // the last
}

// mend returns the obstacles, and the request and the server as they are
// without them. passes is false if something stays that no header mends.
func mend(profile fetch.Profile, r fetch.Request, p *replay) (m *mending, passes bool) {
	m = &mending{profile: profile, request: r, replay: p.clone()}
	for range mostObstacles {
		m.verdict = m.replay.run(profile, m.request)
		if m.verdict.OK() {
			return m, true
		}
		at := m.place(m.verdict.Failure)
		what, mended := m.remove(m.verdict.Failure, at)
		if what.Mend == "" {
			return m, false
		}
		m.obstacles = append(m.obstacles, what)
		if !mended {
			return m, false
		}
	}
	return m, false
}

func (m *mending) place(f *fetch.Failure) turn { return turn{f.Hop, f.Preflight} }

// remove mends what a failure is about. mended is false if what comes after it
// cannot be known.
func (m *mending) remove(f *fetch.Failure, at turn) (o Obstacle, mended bool) {
	o = Obstacle{Exchange: at.String(), Hop: f.Hop, Kind: string(f.Kind), Seen: m.seen(at), What: sentenceOf(f)}
	if f.Exchange < 0 {
		o.Exchange, o.Seen = "page", true
	}
	switch f.Kind.Family() {
	case fetch.CORS:
		o.Mend = m.mendAnswer(f, at)
	case fetch.Misuse, fetch.Blocked:
		o.Mend = m.mendCall(f, at)
	case fetch.Redirect:
		o.Mend = m.mendRedirect(f, at)
	case fetch.Network:
		o.Mend = "make the server reachable; what comes after that cannot be seen before"
		return o, false
	}
	return o, o.Mend != ""
}

func (m *mending) seen(at turn) bool { r := m.replay.replies[at]; return r != nil && r.seen }

// mendAnswer changes the head of the answer at fault as little as it can.
func (m *mending) mendAnswer(f *fetch.Failure, at turn) string {
	r := m.replay.replies[at]
	h := &r.head.Header
	switch f.Kind {
	case fetch.MissingAllowOrigin, fetch.MultipleAllowOrigin, fetch.InvalidAllowOrigin, fetch.AllowOriginMismatch, fetch.WildcardWithCredentials:
		return set(h, "Access-Control-Allow-Origin", f.Want)
	case fetch.InvalidAllowCredentials:
		return set(h, "Access-Control-Allow-Credentials", "true")
	case fetch.InvalidAllowMethods:
		h.Del("Access-Control-Allow-Methods")
		return "Access-Control-Allow-Methods: a list of methods with commas between, and nothing else"
	case fetch.InvalidAllowHeaders:
		h.Del("Access-Control-Allow-Headers")
		return "Access-Control-Allow-Headers: a list of header names with commas between, and nothing else"
	case fetch.MethodNotAllowed:
		return add(h, "Access-Control-Allow-Methods", f.Name)
	case fetch.HeaderNotAllowed:
		return add(h, "Access-Control-Allow-Headers", f.Name)
	case fetch.PreflightStatus, fetch.PreflightRedirect:
		r.head.Status, r.head.Reason = 204, "No Content"
		h.Del("Location")
		return "answer the OPTIONS itself with 204 (200 to 299 will do)"
	}
	return m.mendRedirect(f, at)
}

func (m *mending) mendRedirect(f *fetch.Failure, at turn) string {
	if f.Kind == fetch.RedirectModeError {
		m.request.Redirect = fetch.RedirectFollow
		return `redirect: "follow" in the page's call, or a server that does not redirect`
	}
	r := m.replay.replies[at]
	if r == nil {
		return ""
	}
	r.head.Status, r.head.Reason = 200, "OK"
	r.head.Header.Del("Location")
	return "answer here instead of redirecting, or redirect to a plain http(s) address"
}

// mendCall changes the page's call.
func (m *mending) mendCall(f *fetch.Failure, at turn) string {
	r := &m.request
	switch f.Kind {
	case fetch.InvalidURL, fetch.UnsupportedScheme:
		if strings.HasPrefix(r.URL, "http://") {
			return ""
		}
		r.URL = "http://" + r.URL
		return fmt.Sprintf("call %q: with its scheme", r.URL)
	case fetch.MixedContent:
		r.URL = "https://" + strings.TrimPrefix(r.URL, "http://")
		return "serve the API over https"
	case fetch.ConnectSrc:
		r.ConnectSrc += " " + f.Want
		return "add " + f.Want + " to connect-src in the page's Content-Security-Policy"
	case fetch.SameOriginMode, fetch.NoCORSMethod, fetch.NoCORSRedirectMode:
		r.Mode = fetch.ModeCORS
		return `mode: "cors" in the page's call, which is the default`
	case fetch.LocalNetworkAccess:
		return m.mendAddressSpace()
	case fetch.CrossOriginPolicy:
		if reply := m.replay.replies[at]; reply != nil {
			return set(&reply.head.Header, "Cross-Origin-Resource-Policy", "cross-origin")
		}
	case fetch.BodyNotAllowed:
		r.Body = nil
		return "send no body with GET and HEAD"
	}
	return ""
}

func (m *mending) mendAddressSpace() string {
	if m.request.LocalNetwork {
		m.request.AddressSpace = fetch.Loopback
		return "serve the page over https: only a secure page can be permitted to reach the local network"
	}
	m.request.LocalNetwork = true
	return "the user has to permit the page to reach the local network; no header of the server can"
}

// set replaces a header and says which line that is.
func set(h *fetch.Header, name, value string) string {
	h.Set(name, value)
	return name + ": " + value
}

// add appends an element to a list and says what to add.
func add(h *fetch.Header, name, element string) string {
	list, _ := h.Get(name)
	elements := append(splitList(list), element)
	h.Set(name, strings.Join(elements, ", "))
	return fmt.Sprintf("add %s to %s", element, name)
}

func splitList(s string) (elements []string) {
	for element := range strings.SplitSeq(s, ",") {
		if element = strings.Trim(element, " \t"); element != "" {
			elements = append(elements, element)
		}
	}
	return elements
}

// needs returns the smallest heads with which the request passes: those of the
// mended server, less every line and every element without which it passes too.
func (m *mending) needs() []Need {
	p := m.replay.clone()
	keeps := func() bool { v := p.run(m.profile, m.request); return v.OK() }
	for _, at := range slices.Clone(m.replay.asked) {
		head := &p.replies[at].head
		if !isRedirect(head.Status) {
			head.Status = map[bool]int{true: 204, false: 200}[at.preflight]
		}
		head.Header = m.corsLines(head.Header)
		shrink(&head.Header, keeps)
	}
	keeps()
	return p.written()
}

// corsLines keeps the lines that a verdict can rest on, and of lists the
// elements that this request can need.
func (m *mending) corsLines(h fetch.Header) (kept fetch.Header) {
	for _, f := range h {
		switch strings.ToLower(f.Name) {
		case "access-control-allow-methods", "access-control-allow-headers":
			elements := slices.DeleteFunc(splitList(f.Value), m.isIrrelevant)
			slices.Sort(elements)
			if list := strings.Join(slices.Compact(elements), ", "); list != "" {
				kept = append(kept, fetch.Field{Name: f.Name, Value: list})
			}
		case "access-control-allow-origin", "access-control-allow-credentials", "cross-origin-resource-policy", "location":
			kept = append(kept, f)
		}
	}
	return kept
}

// isIrrelevant bounds the work: a server can list as much as it likes.
func (m *mending) isIrrelevant(element string) bool {
	r := &m.request
	return element != "*" && !strings.EqualFold(element, r.Method) && !strings.EqualFold(element, "Content-Type") && !r.Header.Has(element)
}

// shrink drops lines, then elements of lists, as long as keeps holds.
func shrink(h *fetch.Header, keeps func() bool) {
	for i := len(*h) - 1; i >= 0; i-- {
		before := h.Clone()
		if *h = slices.Delete(*h, i, i+1); !keeps() {
			*h = before
		}
	}
	for i := range *h {
		name := strings.ToLower((*h)[i].Name)
		if name == "access-control-allow-methods" || name == "access-control-allow-headers" {
			shrinkList(&(*h)[i].Value, keeps)
		}
	}
}

func shrinkList(value *string, keeps func() bool) {
	elements := splitList(*value)
	for i := len(elements) - 1; i >= 0; i-- {
		rest := slices.Delete(slices.Clone(elements), i, i+1)
		before := *value
		if *value = strings.Join(rest, ", "); keeps() {
			elements = rest
			continue
		}
		*value = before
	}
}

// written shows the replies of the last run.
func (p *replay) written() (needs []Need) {
	for _, at := range p.asked {
		head := &p.replies[at].head
		need := Need{Exchange: at.String(), URL: p.urls[at]}
		need.Lines = append(need.Lines, fmt.Sprintf("%d", head.Status))
		varies := false
		for _, f := range head.Header {
			need.Lines = append(need.Lines, strings.ToLower(f.Name)+": "+f.Value)
			varies = varies || strings.EqualFold(f.Name, "access-control-allow-origin") && f.Value != "*"
		}
		if varies {
			need.Lines = append(need.Lines, "vary: origin")
		}
		if len(need.Lines) > 1 {
			needs = append(needs, need)
		}
	}
	return needs
}

func isRedirect(status int) bool {
	return slices.Contains([]int{301, 302, 303, 307, 308}, status)
}

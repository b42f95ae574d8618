package pasted

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/headers"
)

// parseHAR makes requests of the entries to which CORS applies.
func (s *source) parseHAR() (*Pasted, error) {
	log, err := s.readHAR()
	if err != nil {
		return nil, err
	}
	p := &Pasted{Form: HAR, Browser: log.browser()}
	m := &harMatcher{harLog: log, taken: make([]bool, len(log.entries)), preflights: make(map[string][]int), others: make(map[string][]int)}
	for i := range log.entries {
		to, url := m.others, log.entries[i].Request.URL
		if log.entries[i].isPreflight() {
			to = m.preflights
		}
		to[url] = append(to[url], i)
	}
	for i := range log.entries {
		if !log.entries[i].isPreflight() && !m.taken[i] {
			m.add(p, i)
		}
	}
	for i := range log.entries { // preflights whose request was never recorded
		if log.entries[i].isPreflight() && !m.taken[i] {
			m.add(p, i)
		}
	}
	slices.SortStableFunc(p.Requests, func(a, b Found) int { return cmp.Compare(a.Line, b.Line) })
	p.tellHAR(len(log.entries))
	return p, nil
}

func (l *harLog) browser() string {
	switch name := strings.ToLower(l.creator); {
	case strings.HasPrefix(name, "webkit"):
		return "safari"
	case strings.HasPrefix(name, "webinspector"), strings.Contains(name, "chrom"):
		return "chrome"
	case strings.Contains(name, "firefox"):
		return "firefox"
	}
	return ""
}

// harMatcher finds the entries that belong together.
type harMatcher struct {
	*harLog
	taken              []bool
	preflights, others map[string][]int // by address, in the order of the file
}

// add makes a request of an entry, if CORS applies to it.
func (m *harMatcher) add(p *Pasted, i int) {
	e := &m.entries[i]
	scheme, _, _ := strings.Cut(e.Request.URL, ":")
	if scheme = strings.ToLower(scheme); scheme == "ws" || scheme == "wss" || e.ResourceType == "websocket" {
		p.note(WebSocket, "", "WebSockets were left out: CORS does not apply to them, their servers check Origin themselves")
		return
	}
	if _, err := fetch.ParseURL(e.Request.URL); err != nil || scheme != "http" && scheme != "https" {
		return
	}
	f := Found{Line: e.line, Message: -1, By: e.ResourceType}
	f.Request.URL, f.Request.Method = e.Request.URL, e.Request.Method
	if e.Request.PostData != nil && !e.isPreflight() {
		f.Request.Body = []byte(e.Request.PostData.Text)
		f.Request.BodyType = e.Request.PostData.MimeType
	}
	header := e.Request.header()
	f.sortHeaders(header)
	f.turnPreflight(header)
	f.Recorded = &Recorded{Initiator: e.Initiator.initiator(), ViaServiceWorker: e.Answer.ViaWorker}
	m.collect(&f, i)
	m.place(&f, e)
	if !f.isCORS(e) {
		return
	}
	f.creditHAR(e, p.Browser)
	f.judge(e)
	p.Requests = append(p.Requests, f)
}

// collect gathers the preflight, the entry and what it was redirected to.
func (m *harMatcher) collect(f *Found, i int) {
	const longest = 21 // browsers follow twenty redirects
	for range longest {
		m.taken[i] = true
		e := &m.entries[i]
		if !e.isPreflight() {
			if before := m.preflightOf(i); before >= 0 {
				m.taken[before] = true
				preflight := m.entries[before].exchange()
				f.Recorded.Exchanges = append(f.Recorded.Exchanges, preflight)
				if len(f.Recorded.Exchanges) == 1 {
					f.obeyPreflight(preflight.Request)
				}
			}
		}
		f.Recorded.Exchanges = append(f.Recorded.Exchanges, e.exchange())
		if i = m.redirectOf(i); i < 0 {
			return
		}
	}
}

// preflightOf finds the preflight that was sent for an entry: the one for the
// same address and method that is nearest in time. Chrome writes it after the
// request, Firefox before it.
func (m *harMatcher) preflightOf(i int) int {
	const apart = time.Minute
	found, nearest := -1, apart
	for _, j := range near(m.preflights[m.entries[i].Request.URL], i) {
		e := &m.entries[j]
		if m.taken[j] {
			continue
		}
		method, _ := e.Request.header().Get(headers.RequestMethod)
		if distance := e.at.Sub(m.entries[i].at).Abs(); method == m.entries[i].Request.Method && distance < nearest {
			found, nearest = j, distance
		}
	}
	return found
}

// redirectOf finds the entry that follows a redirect.
func (m *harMatcher) redirectOf(i int) int {
	e := &m.entries[i]
	if e.isPreflight() || e.Answer.Status < 300 || e.Answer.Status > 399 || e.Answer.Location == "" {
		return -1
	}
	base, err := fetch.ParseURL(e.Request.URL)
	if err != nil {
		return -1
	}
	target, err := base.ParseURL(e.Answer.Location)
	if err != nil {
		return -1
	}
	for _, j := range near(m.others[target.WithoutFragment()], i) {
		if j > i && !m.taken[j] && !m.entries[j].at.Before(e.at) {
			return j
		}
	}
	return -1
}

// near returns those around an entry. Files are in the order of time, and some
// have thousands of entries of one address.
func near(all []int, i int) []int {
	const around = 512
	from, _ := slices.BinarySearch(all, i-around)
	to, _ := slices.BinarySearch(all, i+around)
	return all[from:to]
}

func (e *harEntry) isPreflight() bool {
	if !strings.EqualFold(e.Request.Method, "OPTIONS") {
		return false
	}
	return e.ResourceType == "preflight" || slices.ContainsFunc(e.Request.Headers, func(h harHeader) bool {
		return strings.EqualFold(h.Name, headers.RequestMethod)
	})
}

func (e *harEntry) exchange() Exchange {
	version := e.Answer.Version
	if !strings.HasPrefix(version, "HTTP/") {
		version = "HTTP/2.0"
	}
	return Exchange{
		Preflight: e.isPreflight(), Line: e.line, Method: e.Request.Method, URL: e.Request.URL,
		Request: e.Request.header(),
		Response: fetch.ResponseHead{
			Version: version, Status: e.Answer.Status, Reason: e.Answer.StatusText, Header: fields(e.Answer.Headers),
		},
		Error: e.Answer.Error, FromCache: e.FromCache, Server: e.Server,
	}
}

func (r *harRequest) header() fetch.Header { return fields(r.Headers) }

// fields takes header lines over. Chrome joins lines of one name with a line
// break where it has not seen the bytes.
func fields(list []harHeader) fetch.Header {
	h := make(fetch.Header, 0, len(list))
	for _, field := range list {
		for value := range strings.SplitSeq(field.Value, "\n") {
			h = append(h, fetch.Field{Name: field.Name, Value: strings.Trim(value, " \t\r")})
		}
	}
	return h
}

func (i *harInitiator) initiator() Initiator {
	const most = 32
	made := Initiator{Type: i.Type}
	for stack := i.Stack; stack != nil; stack = stack.Parent {
		for _, f := range stack.Frames {
			if len(made.Stack) == most {
				return made
			}
			made.Stack = append(made.Stack, Frame{f.Function, f.URL, f.Line + 1, f.Column + 1})
		}
	}
	if len(made.Stack) == 0 && i.URL != "" {
		made.Stack = []Frame{{URL: i.URL, Line: i.Line + 1}}
	}
	return made
}

// obeyPreflight takes the preflight's word for what the script has set: it names
// every header that is not safelisted, and no other.
func (f *Found) obeyPreflight(preflight fetch.Header) {
	asked := requestedNames(preflight)
	for i := range asked {
		asked[i] = strings.ToLower(asked[i])
	}
	f.Request.Header = slices.DeleteFunc(f.Request.Header, func(h fetch.Field) bool {
		if slices.Contains(asked, strings.ToLower(h.Name)) || fetch.IsCORSSafelistedRequestHeader(h.Name, h.Value) {
			return false
		}
		f.Removed = append(f.Removed, Removed{h.Name, h.Value, Browser})
		f.note(HeadersRemoved, h.Name, "left out: %s; the preflight does not ask for it, so the script has not set it", shorten(h.Name, 64))
		return true
	})
	f.restoreHeaders(preflight)
}

// place finds the page: in the origin and the referrer that were sent, or among
// the pages of the file.
func (m *harMatcher) place(f *Found, e *harEntry) {
	title := m.pages[e.PageRef]
	page, err := fetch.ParseURL(title)
	known := err == nil && page.IsHTTP()
	switch {
	case f.Request.Origin != "" && known && page.Origin().String() == f.Request.Origin:
		f.Request.Page = page.WithoutFragment() // in full: the referrer may be cut
	case f.Request.Origin != "":
		f.pageOfOrigin()
	case known:
		f.Request.Origin, f.Request.Page = page.Origin().String(), page.WithoutFragment()
		f.note(OriginFromPage, "", "the page's origin is taken from the page that the HAR names: %s", f.Request.Origin)
	default:
		f.placePage(nil)
	}
}

// isCORS reports whether the request crosses an origin in a way that scripts,
// fonts and modules do, or failed where that may be the reason.
func (f *Found) isCORS(e *harEntry) bool {
	target, err := fetch.ParseURL(f.Request.URL)
	if err != nil || f.Request.Origin == target.Origin().String() && !f.crosses() {
		return false
	}
	mode, hasMode := e.Request.header().Get("Sec-Fetch-Mode")
	switch {
	case mode == "navigate":
		return false
	case hasMode:
		return mode != "no-cors" || e.Answer.Error != ""
	}
	return e.Request.header().Has("Origin") || e.ResourceType == "xhr" || e.ResourceType == "fetch" || e.isPreflight() || e.Answer.Error != ""
}

// crosses reports whether a redirect led to another origin.
func (f *Found) crosses() bool {
	return slices.ContainsFunc(f.Recorded.Exchanges, func(e Exchange) bool {
		u, err := fetch.ParseURL(e.URL)
		return err == nil && u.Origin().String() != f.Request.Origin
	})
}

// creditHAR says what the file cannot know, and what its exporter took out.
func (f *Found) creditHAR(e *harEntry, browser string) {
	if len(e.Request.Cookies) > 0 && f.Cookie == "" {
		var pairs []string
		for _, c := range e.Request.Cookies {
			pairs = append(pairs, c.Name+"="+c.Value)
		}
		f.Cookie = strings.Join(pairs, "; ")
	}
	f.assumeCredentials()
	if f.Cookie == "" && browser == "chrome" {
		f.note(Sanitized, "", "Chrome exports HAR files without cookies and Authorization, unless told otherwise: the request may have had both")
	}
	if f.Request.Mode == "" {
		f.note(ModeAssumed, "mode", "the entry has no mode: cors is assumed, fetch()'s default")
	}
}

// judge lets the engine say what the recording means, since browsers rarely
// write it down.
func (f *Found) judge(e *harEntry) {
	if e.Answer.Error != "" || e.Answer.Status == 0 {
		f.Failed = true
		return
	}
	agent := fetch.Agent{Transport: f.Recorded}
	defer agent.Close()
	verdict := agent.Fetch(context.Background(), f.Request)
	switch {
	case verdict.OK():
	case errors.Is(verdict.Failure, ErrNotRecorded):
		f.note(PreflightMissing, "", "the HAR has no preflight for this request: the browser had its answer in the cache, or the file is not complete")
	default:
		f.Failed = true
	}
}

// tellHAR says it when there is nothing to explain.
func (p *Pasted) tellHAR(entries int) {
	if len(p.Requests) == 0 {
		p.note(NothingCORS, "", "none of the %d requests in the HAR crosses an origin in a way to which CORS applies", entries)
	}
}

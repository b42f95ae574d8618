package explain

import (
	"context"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/origins"
)

// pageRules is what a page says of itself, as far as it touches its requests.
type pageRules struct {
	connect  []string // the lists of connect-src, one of each policy: all have to allow
	reported []string // those of policies that only report
	sandbox  bool     // its origin is opaque
	upgrades bool     // http becomes https
	embedder fetch.EmbedderPolicy
	denied   []string // features that its Permissions-Policy denies to the page itself
	worker   string   // how it registers a service worker
}

// readPage asks the page itself what it may connect to: its policies are part of
// the matter, and stand in its own answer.
func (i *inquiry) readPage(ctx context.Context) {
	u, err := fetch.ParseURL(i.q.Request.Page)
	if !i.q.ReadPage || err != nil || !u.IsHTTP() || i.q.Transport != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	asker := &inquiry{target: u}
	got, err := i.agent.Network().RoundTrip(ctx, asker.request("GET", fetch.Lines("Accept: text/html", "Accept-Encoding: identity", "User-Agent: Mozilla/5.0 (compatible; corsac)")))
	if err != nil {
		i.told("the page itself could not be read: %s", err)
		return
	}
	if got.Body != nil {
		defer got.Body.Close()
	}
	if location := first(got.Head.Header, "Location"); isRedirect(got.Head.Status) {
		i.told("the page itself was not read: it redirects to %s", cut(location))
		return
	}
	rules := rulesOf(got.Head.Header)
	if got.Body != nil {
		rules.readHTML(io.LimitReader(got.Body, pageHead))
	}
	i.obey(&rules)
}

// pageHead is how much of a page is read.
const pageHead = 256 << 10

func (i *inquiry) told(text string, args ...any) {
	i.q.Read = append(i.q.Read, fmt.Sprintf(text, args...))
}

// obey takes over what a page says of itself.
func (i *inquiry) obey(p *pageRules) {
	r := &i.q.Request
	i.rules = p
	for _, list := range p.connect {
		i.told("the page's Content-Security-Policy says connect-src %s", cut(list))
	}
	if p.sandbox {
		r.Origin = "null"
		i.page, _ = fetch.ParseOrigin("null")
		i.told("the page's Content-Security-Policy has sandbox without allow-same-origin: its origin is null")
	}
	if p.upgrades && strings.HasPrefix(r.URL, "http:") && i.target != nil && !origins.IsLoopback(i.target.Host) {
		r.URL = "https:" + strings.TrimPrefix(r.URL, "http:")
		i.target, _ = fetch.ParseURL(r.URL)
		i.told("the page's Content-Security-Policy has upgrade-insecure-requests: the browser asks %s", r.URL)
	}
	if r.EmbedderPolicy == "" && p.embedder != "" {
		r.EmbedderPolicy = p.embedder
		i.told("the page's Cross-Origin-Embedder-Policy is %s: what is loaded without CORS needs Cross-Origin-Resource-Policy", p.embedder)
	}
	if r.ConnectSrc == "" && len(p.connect) > 0 {
		r.ConnectSrc = i.strictest(p.connect)
	}
	for _, list := range p.reported {
		if i.forbids(list) {
			i.told("a policy of the page that only reports would forbid the address: connect-src %s", cut(list))
		}
	}
}

// strictest is the list that forbids the address, or the first.
func (i *inquiry) strictest(lists []string) string {
	for _, list := range lists {
		if i.forbids(list) {
			return list
		}
	}
	return lists[0]
}

// forbids asks the engine, which sends nothing.
func (i *inquiry) forbids(list string) bool {
	r := i.q.Request
	r.ConnectSrc = list
	agent := fetch.Agent{Profile: i.profile, Transport: nobody{}}
	defer agent.Close()
	v := agent.Fetch(context.Background(), r)
	return v.Kind() == fetch.ConnectSrc
}

// nobody answers nothing.
type nobody struct{}

func (nobody) RoundTrip(context.Context, *fetch.WireRequest) (*fetch.WireResponse, error) {
	return nil, errWithheld
}

// obeyOthers holds the other policies against the redirects, too: the one that
// forbids counts.
func (i *inquiry) obeyOthers() {
	if i.rules == nil || !i.verdict.OK() {
		return
	}
	for _, list := range i.rules.connect {
		r := i.q.Request
		r.ConnectSrc = list
		if v := i.replay.clone().run(i.profile, r); v.Kind() == fetch.ConnectSrc {
			i.q.Request, i.verdict = r, v
			return
		}
	}
}

// rulesOf reads the head of a page.
func rulesOf(h fetch.Header) (p pageRules) {
	for _, line := range h.Values("Content-Security-Policy") {
		for policy := range strings.SplitSeq(line, ",") {
			p.add(policy, true)
		}
	}
	for _, line := range h.Values("Content-Security-Policy-Report-Only") {
		for policy := range strings.SplitSeq(line, ",") {
			if list := connectSrc(policy); list != "" {
				p.reported = append(p.reported, list)
			}
		}
	}
	embedder, _, _ := strings.Cut(first(h, "Cross-Origin-Embedder-Policy"), ";")
	switch value := fetch.EmbedderPolicy(strings.TrimSpace(embedder)); value {
	case fetch.RequireCORP, fetch.Credentialless:
		p.embedder = value
	}
	for _, line := range h.Values("Permissions-Policy") {
		p.denied = append(p.denied, deniedFeatures(line)...)
	}
	return p
}

// add takes a policy over. Some directives count in a header only.
//
// https://html.spec.whatwg.org/#attr-meta-http-equiv-content-security-policy
func (p *pageRules) add(policy string, inHeader bool) {
	if list := connectSrc(policy); list != "" {
		p.connect = append(p.connect, list)
	}
	for name, value := range directives(policy) {
		switch name {
		case "upgrade-insecure-requests":
			p.upgrades = true
		case "sandbox":
			p.sandbox = p.sandbox || inHeader && !strings.Contains(strings.ToLower(value), "allow-same-origin")
		}
	}
}

// directives are a policy's, the first of each name: others do not count.
func directives(policy string) map[string]string {
	found := make(map[string]string)
	for directive := range strings.SplitSeq(policy, ";") {
		name, value, _ := strings.Cut(strings.Trim(directive, " \t\r\n\f"), " ")
		if name = strings.ToLower(name); name == "" {
			continue
		}
		if _, twice := found[name]; !twice {
			found[name] = strings.TrimSpace(value)
		}
	}
	return found
}

// connectSrc is the list that counts for fetch(): connect-src, or what stands in
// for it.
func connectSrc(policy string) (list string) {
	all := directives(policy)
	for _, name := range []string{"connect-src", "default-src"} {
		if list, found := all[name]; found {
			return orElse(list, "'none'")
		}
	}
	return ""
}

// deniedFeatures are those with an empty list of those that may: name=().
func deniedFeatures(line string) (names []string) {
	for member := range strings.SplitSeq(line, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(member), "=")
		if strings.ReplaceAll(value, " ", "") == "()" {
			names = append(names, strings.ToLower(name))
		}
	}
	return names
}

// localNetworkFeatures are what lets a page ask for the local network.
var localNetworkFeatures = []string{"local-network-access", "local-network", "loopback-network"}

// readHTML looks for policies in meta elements, and for the registration of a
// service worker.
func (p *pageRules) readHTML(r io.Reader) {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(pageHead)
	inHead, inScript := true, false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			if text := z.Text(); inScript && p.worker == "" {
				p.worker = registration(string(text))
			}
		case html.EndTagToken:
			inScript = false
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			inScript = token.Data == "script"
			inHead = inHead && token.Data != "body"
			if token.Data == "meta" && inHead {
				p.readMeta(token)
			}
		}
	}
}

func (p *pageRules) readMeta(token html.Token) {
	attributes := make(map[string]string)
	for _, a := range token.Attr {
		attributes[a.Key] = a.Val
	}
	if strings.EqualFold(attributes["http-equiv"], "content-security-policy") {
		p.add(attributes["content"], false)
	}
}

// registration is the call that registers a service worker.
func registration(script string) string {
	const call = "serviceWorker.register("
	at := strings.Index(script, call)
	if at < 0 {
		return ""
	}
	argument, _, _ := strings.Cut(script[at+len(call):], ")")
	return "the page has " + call + cut(strings.TrimSpace(argument)) + ")"
}

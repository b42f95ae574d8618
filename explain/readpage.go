package explain

import (
	"context"
	"io"
	"strings"

	"golang.org/x/net/html"

	"github.com/corsac-cors/corsac/fetch"
)

// readPage asks the page itself what it may connect to: its policy is part of
// the matter, and stands in its own answer. Only the first policy that speaks
// counts here.
func (i *inquiry) readPage(ctx context.Context) {
	u, err := fetch.ParseURL(i.q.Request.Page)
	if !i.q.ReadPage || err != nil || !u.IsHTTP() || i.q.Request.ConnectSrc != "" || i.q.Transport != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	asker := &inquiry{target: u}
	got, err := i.agent.Network().RoundTrip(ctx, asker.request("GET", fetch.Lines("Accept: text/html", "Accept-Encoding: identity", "User-Agent: Mozilla/5.0 (compatible; corsac)")))
	if err != nil {
		i.q.Read = append(i.q.Read, "the page itself could not be read: "+err.Error())
		return
	}
	policies := got.Head.Header.Values("Content-Security-Policy")
	if got.Body != nil {
		policies = append(policies, metaPolicies(io.LimitReader(got.Body, pageHead))...)
		_ = got.Body.Close()
	}
	for _, policy := range policies {
		if list := connectSrc(policy); list != "" {
			i.q.Request.ConnectSrc = list
			i.q.Read = append(i.q.Read, "the page's Content-Security-Policy says connect-src "+cut(list))
			return
		}
	}
}

// pageHead is how much of a page is read.
const pageHead = 64 << 10

// connectSrc is the list that counts for fetch(): connect-src, or what stands in
// for it.
func connectSrc(policy string) (list string) {
	for directive := range strings.SplitSeq(policy, ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(directive), " ")
		if sources = strings.TrimSpace(sources); sources == "" {
			sources = "'none'"
		}
		switch strings.ToLower(name) {
		case "connect-src":
			return sources
		case "default-src":
			list = sources
		}
	}
	return list
}

// metaPolicies are those in <meta http-equiv="Content-Security-Policy">.
func metaPolicies(r io.Reader) (policies []string) {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(pageHead)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return policies
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			if token.Data == "body" {
				return policies
			}
			attributes := make(map[string]string)
			for _, a := range token.Attr {
				attributes[a.Key] = a.Val
			}
			if token.Data == "meta" && strings.EqualFold(attributes["http-equiv"], "content-security-policy") {
				policies = append(policies, attributes["content"])
			}
		}
	}
}

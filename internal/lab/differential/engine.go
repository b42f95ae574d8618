package differential

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/corsac-cors/corsac/fetch"
)

// InEngine has the engine fetch the cases, as the browser of that profile, and by the names that the last
// browser at PageURL gave itself.
func (s *Stage) InEngine(ctx context.Context, profile fetch.Profile, cases []Case) ([]Outcome, error) {
	var waited atomic.Int64 // in all: each case has URLs of its own, so none expires before its time
	agent := &fetch.Agent{
		Now:     func() time.Time { return time.Now().Add(time.Duration(waited.Load())) },
		Profile: profile, UserAgent: s.userAgent, AcceptLanguage: s.language,
		Dial: DialLoopback, TLS: s.TLS(), Timeout: 30 * time.Second, Jar: &fetch.Jar{},
	}
	defer agent.Close()
	for _, cookie := range s.cookies() {
		if err := agent.Jar.Add(s.PageURL(), cookie); err != nil {
			return nil, err
		}
	}
	outcomes := make([]Outcome, len(cases))
	for i, r := range s.begin(cases) {
		for _, call := range r.kase.Calls {
			waited.Add(int64(call.Wait) * int64(time.Millisecond))
			verdict := agent.Fetch(ctx, s.request(r, &call))
			got := seen(&call, &verdict)
			outcomes[i].Results = append(outcomes[i].Results, s.neutral(r, got.String()))
		}
		outcomes[i].Requests = s.end(r)
	}
	return outcomes, ctx.Err()
}

// DialLoopback finds every host where the servers listen, but for names that end with ".invalid".
func DialLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(host, ".invalid") {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
}

func (s *Stage) request(r *run, call *Call) fetch.Request {
	q := fetch.Request{
		Origin: s.of["page"], Page: s.PageURL(), URL: r.fill(call.URL), Method: call.Method,
		Mode: fetch.Mode(call.Mode), Credentials: fetch.Credentials(call.Credentials),
		Redirect: fetch.RedirectMode(call.Redirect), Cache: fetch.CacheMode(call.Cache),
		ReferrerPolicy: fetch.ReferrerPolicy(call.Referrer),
		XHR:            call.XHR, UploadListener: call.Upload,
	}
	if r.kase.Sandboxed {
		q.Origin = "null"
	}
	for _, field := range call.Header {
		q.Header.Add(field[0], bytesOf(field[1]))
	}
	if call.Body != nil {
		q.Body, q.BodyType = []byte(*call.Body), "text/plain;charset=UTF-8"
	}
	return q
}

// seen is what a script sees of a verdict.
func seen(call *Call, v *fetch.Verdict) result {
	if !v.OK() {
		return result{}
	}
	r := v.Response
	got := result{OK: true, Type: string(r.Type), Status: r.Status, URL: r.URL, Redirected: r.Redirected, Body: string(r.Body)}
	if call.XHR {
		got.Type, got.Redirected = "xhr", false // scripts are not told
	}
	known := make(map[string]bool)
	for _, field := range r.Header {
		name := strings.ToLower(field.Name)
		if value, _ := r.Header.Get(name); !known[name] {
			known[name] = true
			got.Header = append(got.Header, [2]string{name, stringOf(value)})
		}
	}
	return got
}

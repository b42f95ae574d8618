package explain

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab"
)

// TestSigns has answers of servers that tests cannot start, as they are told of.
// Those that can be started are recognised by TestServersAsTheyAre.
func TestSigns(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string // as it is recognised
		id     string
		status int
		header []string
		body   string
	}{
		{"Spring", "spring", 403, []string{"Vary: Origin", "Vary: Access-Control-Request-Method", "Vary: Access-Control-Request-Headers"}, "Invalid CORS request"},
		{"Spring", "spring", 200, []string{"Vary: Origin", "Vary: Access-Control-Request-Method", "Vary: Access-Control-Request-Headers"}, ""},
		{"rack-cors", "rails", 200, []string{"X-Rack-CORS: miss; no-origin"}, ""},
		{"Amazon S3 or a store that speaks like it", "s3", 403, nil, "<Error><Code>AccessForbidden</Code><Message>CORSResponse: CORS is not enabled for this bucket.</Message></Error>"},
		{"Amazon API Gateway", "aws-apigw", 403, []string{"X-Amzn-Errortype: MissingAuthenticationTokenException"}, `{"message":"Missing Authentication Token"}`},
		{"Amazon API Gateway", "aws-apigw", 404, []string{"Apigw-Requestid: x"}, `{"message":"Not Found"}`},
		{"Cloudflare", "cloudflare", 403, []string{"Server: cloudflare", "CF-Ray: 1", "Cf-Mitigated: challenge"}, "<!DOCTYPE html>"},
		{"Cloudflare, in front of another server", "cloudflare", 200, []string{"Server: cloudflare", "CF-Ray: 1"}, ""},
		{"Express with its cors package", "express", 204, []string{"Content-Length: 0", "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE"}, ""},
		{"ASP.NET Core", "aspnet", 404, []string{"Server: Kestrel"}, ""},
		{"IIS", "iis", 405, []string{"Server: Microsoft-IIS/10.0", "Allow: GET, HEAD, OPTIONS, TRACE"}, ""},
		{"IIS, with ASP.NET", "iis", 200, []string{"Server: Microsoft-IIS/10.0", "X-Powered-By: ASP.NET"}, ""},
		{"Envoy", "envoy", 503, []string{"Server: istio-envoy"}, "upstream connect error"},
		{"Kong", "kong", 404, []string{"Server: kong/3.4.0"}, `{"message":"no Route matched with those values"}`},
		{"Kong", "kong", 200, []string{"Via: kong/3.4.0"}, ""},
		{"Traefik", "traefik", 200, []string{"Server: Traefik"}, ""},
		{"nginx", "nginx", 502, []string{"Server: nginx"}, "<html><center>nginx</center></html>"},
	} {
		s := recognise([]answer{{status: row.status, header: fetch.Lines(row.header...), body: row.body}})
		if s == nil || s.ID != row.id || s.Name != row.name {
			t.Errorf("%v %q is %+v, not %s", row.header, row.body, s, row.name)
		}
	}
	if s := recognise([]answer{{status: 200, header: fetch.Lines("Content-Type: text/html"), body: "<html>"}}); s != nil {
		t.Errorf("nobody in particular is %+v", s)
	}
}

// TestEverySignHasAFix: who is recognised can be told what to write.
func TestEverySignHasAFix(t *testing.T) {
	t.Parallel()
	for _, s := range signs {
		if _, ok := dialectOf(s.id); !ok {
			t.Errorf("%s is recognised, and there is no fix for %q", s.name, s.id)
		}
	}
}

// TestHAProxyDown: HAProxy shows itself only in the errors that it makes up, and
// with the fix those have headers, too.
func TestHAProxyDown(t *testing.T) {
	t.Parallel()
	lab.Need(t, "haproxy")
	b := &bench{T: t, upstream: lab.FreeAddress(t)}
	q := call("GET")
	q.Request.Origin, q.Request.URL = app, runHAProxy(b)+"/x"
	r := Explain(t.Context(), q)
	fault{code: "CX-S04", tells: []string{"HAProxy answered with 503"}}.judge(t, r)
	b.config = strings.Join(r.Causes[0].Fix.Config, "\n")
	q.Request.URL = runHAProxy(b) + "/x"
	if r := Explain(t.Context(), q); r.Answer != Readable || !strings.Contains(r.Headline, "status 503") {
		t.Errorf("%s\n%s", r.Text(Style{}), b.config)
	}
}

// FuzzExplain: whatever a server answers, there is a report that can be printed.
func FuzzExplain(f *testing.F) {
	f.Add(200, "Access-Control-Allow-Origin: *\nVary: Origin", "PUT", "X-A: 1", "<html>")
	f.Add(401, "WWW-Authenticate: Bearer\nSet-Cookie: a=b; SameSite=None\nAge: 1", "GET", "Authorization: x", "Disallowed CORS headers")
	f.Add(302, "Location: https://u:p@x/\nAccess-Control-Max-Age: -9\nServer: nginx", "patch", "traceparent: 1", "")
	f.Fuzz(func(t *testing.T, status int, head, method, header, body string) {
		if status < 200 || status > 599 || len(head) > 4000 {
			t.Skip()
		}
		answer := fetch.ResponseHead{Version: "HTTP/1.1", Status: status, Reason: body, Header: fetch.Lines(strings.Split(head, "\n")...)}
		q := Question{Request: fetch.Request{Origin: app, URL: "https://api.example.net/x", Method: method, Header: fetch.Lines(header)}, Transport: canned{answer, body}, Send: true}
		r := Explain(t.Context(), q)
		for _, text := range []string{r.Text(Style{}), r.Markdown()} {
			if at := strings.IndexFunc(text, func(c rune) bool { return c != '\n' && visible(string(c)) != string(c) }); at >= 0 {
				t.Fatalf("%q is printed in %q", text[at:min(len(text), at+8)], text)
			}
		}
	})
}

// canned gives every request the same answer.
type canned struct {
	head fetch.ResponseHead
	body string
}

func (c canned) RoundTrip(context.Context, *fetch.WireRequest) (*fetch.WireResponse, error) {
	head := c.head
	head.Header = head.Header.Clone()
	return &fetch.WireResponse{Head: head, Body: io.NopCloser(strings.NewReader(c.body)), Protocol: "HTTP/1.1"}, nil
}

package export

import (
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/policyfile"
)

// TestApacheRedirectsInside: what counts is the path that the page asked for,
// wherever Apache takes the answer from.
func TestApacheRedirectsInside(t *testing.T) {
	t.Parallel()
	lab.Need(t, "apache")
	file, err := policyfile.Parse("promised.yaml", []byte(promised))
	if err != nil {
		t.Fatal(err)
	}
	server := func(target Target, start start) string {
		return start(t, stand{Export: target.Export(file.Policy, "promised.yaml"), api: serveAPI(t)})
	}
	apache := server(apache, func(t testing.TB, s stand) string {
		return serveApache(t, s, apacheErrors+apacheHost, nil)
	})
	htaccess := server(htaccess, func(t testing.TB, s stand) string {
		return serveHtaccess(t, s, apacheErrors+htaccessHost, htaccessFront+htaccessProxy)
	})
	for _, c := range []struct {
		name, url string
		promise
	}{
		{"an error, to an allowed page", apache, promise{request: []string{"GET /down/", "Origin: " + app},
			want: want{allow: app, vary: []string{"Origin"}, reached: "yes"}}},
		{"an error, to another page", apache, promise{request: []string{"GET /down/", "Origin: " + evil},
			want: want{vary: []string{"Origin"}, reached: "yes"}}},
		{"a refusal, to another page", apache, promise{request: []string{"POST /strict/", "Origin: " + evil, "Content-Length: 0"},
			want: want{vary: []string{"Origin"}, reached: "yes"}}},
		{"a preflight's refusal", apache, promise{request: []string{"OPTIONS /", "Origin: " + evil, "Access-Control-Request-Method: PUT"},
			want: want{reached: "yes"}}},
		{"an error below .htaccess, to an allowed page", htaccess, promise{request: []string{"GET /down/", "Origin: " + app},
			want: want{allow: app, vary: []string{"Origin"}, reached: "yes"}}},
		{"a refusal below .htaccess", htaccess, promise{request: []string{"POST /strict/", "Origin: " + evil, "Content-Length: 0"},
			want: want{vary: []string{"Origin"}, reached: "yes"}}},
		{"a front controller, to an allowed page", htaccess, promise{request: []string{"GET /users/1", "Origin: " + users},
			want: want{status: 200, allow: users, vary: []string{"Origin"}, reached: "yes"}}},
		{"a front controller, to another page", htaccess, promise{request: []string{"GET /users/1", "Origin: " + evil},
			want: want{status: 200, vary: []string{"Origin"}, reached: "yes"}}},
		{"a front controller, to a preflight", htaccess, promise{request: []string{"OPTIONS /users/1", "Origin: " + users, "Access-Control-Request-Method: GET"},
			want: want{status: 204, allow: users, reached: "no"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := c.send(t, c.url)
			for _, fault := range c.want.faults(res) {
				t.Errorf("%s\n%s %v", fault, res.Status, res.Header)
			}
		})
	}
}

// apacheErrors has the pages of errors in a part that every page may read. The
// API gives them, with a status of its own.
const apacheErrors = `
ErrorDocument 403 /open/error
ErrorDocument 503 /open/error
`

// htaccessFront sends everything of one part to a script in another.
const htaccessFront = `
RewriteRule ^users/ /open/front [L]
`

// TestApacheSlashes: whatever Apache makes of slashes, nobody gets a laxer rule.
func TestApacheSlashes(t *testing.T) {
	t.Parallel()
	lab.Need(t, "apache")
	file, err := policyfile.Parse("promised.yaml", []byte(promised))
	if err != nil {
		t.Fatal(err)
	}
	s := stand{Export: apache.Export(file.Policy, "promised.yaml"), api: serveAPI(t)}
	for _, setting := range []string{"AllowEncodedSlashes On", "AllowEncodedSlashes NoDecode", "MergeSlashes Off", "MergeSlashes Off\nAllowEncodedSlashes On"} {
		t.Run(setting, func(t *testing.T) {
			host := strings.Replace(apacheHost, "Include", setting+"\nInclude", 1)
			url := serveApache(t, s, host, nil)
			for _, path := range []string{"/open%2f..%2fusers/1", "/open/..%2fusers/1", "/open%2F../users/1", "/open%2f/../users/1", "//users/1",
				"/users%2f1", "/open/%2e%2e//users/1", "/%2fusers/1", "/%2f/users%2f/1"} {
				for _, origin := range []string{evil, app} {
					p := promise{request: []string{"GET " + path, "Origin: " + origin}, want: want{or4xx: true}}
					for _, fault := range p.want.faults(p.send(t, url)) {
						t.Errorf("%s of %s: %s", path, origin, fault)
					}
				}
			}
			p := promise{request: []string{"GET /users/a", "Origin: " + users}, want: want{status: 200, allow: users}}
			for _, fault := range p.want.faults(p.send(t, url)) {
				t.Error(fault)
			}
		})
	}
}

package policyfile_test

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/policyfile"
)

// shown is the value that a hint says to write.
var shown = regexp.MustCompile(`^write ("(?:[^"\\]|\\.)*"|[0-9][0-9A-Za-z.]*|true|false)(?:$|[ ,:])`)

// TestHintsAreAccepted writes what hints show, in place of what they are about:
// a hint that is refused in turn is none.
func TestHintsAreAccepted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, file string // with %s for the value
		values     []string
		mute       int // how many values there are to which nothing can be shown
	}{
		{"max-age", "rules:\n- {origins: '*', max-age: %s}\n", []string{
			"7200", "172800", "999999", "86400", "86401", "48h", `"1000000"`, "0", "-1s", "2d", "1d", "200000d", "300 days", "10 min", "1h 30m", "+1m",
			".5s", "1.5s", "+1.5s", "+23h59m59.9s", "+25h", "999999h", "90000000ms", "+1.2ms", "500ms",
		}, 1},
		{"timeout", "rules: []\ngateway: {timeouts: {idle: %s}}\n", []string{
			"7200", "999999", "-1s", "2d", "200000d", "300 days", "999999 days", "10 min", "1h 30m", ".5s", "+1500.5us", "0",
		}, 2},
		{"boolean", "rules:\n- {origins: https://a.example, credentials: %s}\n", []string{"yes", "no", "ON", `"true"`, "n"}, 0},
		{"number", "rules: []\ngateway: {limits: {requests: %s}}\n", []string{`"5"`, `"+5"`, `"08"`, `"-5"`, "-5", "five"}, 2},
		{"size", "rules: []\ngateway: {limits: {header: %s}}\n", []string{"1KiB", "1"}, 0},
		{"path", "rules:\n- {origins: '*', path: %s}\n", []string{"users", "users/*", "'/users/:id'", "'https://a.example/b?c'", "'PUT /a'", "/a//b", "/a%20b", "'^/a$'", "'*'", "''"}, 0},
		{"host", "rules:\n- {origins: '*', host: %s}\n", []string{"A.example", "'a.example:80'", "'https://a.example/'", "b端.example", "'::1'", "a.example."}, 0},
		{"origin", "rules:\n- {origins: [%s]}\n", []string{"a.example", "https://a.example/", "HTTPS://A.example:443", "'file:///a'", "NULL"}, 0},
		{"origin, with credentials", "rules:\n- {credentials: true, origins: [%s]}\n", []string{"a.example", "'file:///a'", "'NULL'", "'*.co.uk'", "'^https://.*\\.github\\.io$'", "'moz-extension://*/'", "'*.example.com'"}, 5},
		{"method", "rules:\n- {origins: '*', methods: [%s]}\n", []string{"put", "patch", "TRACE", "PUT POST", "Delete"}, 2},
		{"method, with credentials", "rules:\n- {origins: https://a.example, credentials: true, methods: [%s]}\n", []string{"'*'", "put"}, 1},
		{"header", "rules:\n- {origins: '*', headers: [%s]}\n", []string{"'X-A: 1'", "' X-A '", "'Cookie: a'", "' Host '", "'Origin:'", "' * '"}, 3},
		{"header, with credentials", "rules:\n- {origins: https://a.example, credentials: true, headers: [%s]}\n", []string{"' * '", "'*: *'", "'*'"}, 3},
		{"exposed header", "rules:\n- {origins: '*', expose: [%s]}\n", []string{"'X-A: 1'", "'Set-Cookie: a'", "' ETag '"}, 1},
		{"listen", "rules: []\ngateway: {listen: %s}\n", []string{"localhost", "8080", "'8080'", "99999", "':99999'", "http://localhost:8080", "'http://[::1]:80/a'", "https://a.example"}, 4},
		{"upstream", "rules: []\ngateway: {upstream: %s}\n", []string{
			"localhost:8081", "a.example/b", "http:a", "'http:/a'", "'https//a'", "'//a'", "'user@a'", "'a?b'", "'a b'", "'ftp:a'", "':8081'", "'[::1]:80'", "'::1'", "wss://a", "h2c:a",
		}, 7},
		{"route", "rules: []\ngateway: {routes: [{upstream: 'http://a', path: %s}]}\n", []string{"a", "a/*", "a//b", "' /a'", "' a '", "'https://a/b'", "/a//b", "/a/../b", "'/a/{b}'"}, 3},
		{"host of the gateway", "rules: []\ngateway: {hosts: [%s]}\n", []string{"'a:80'", "'https://a'"}, 2},
		{"test's method", "rules: []\ntests: [{block: %s / from null}]\n", []string{"get", "put"}, 0},
		{"test's path", "rules: []\ntests: [{block: GET %s from null}]\n", []string{"users", "//a/b", "a?b"}, 0},
		{"test's origin", "rules: []\ntests: [{block: GET / from %s}]\n", []string{"A.example", "https://a.example/", "'*.example.com'", "https://*.a.example", "https://a.example:*", "'^https://.*\\.a\\.example$'"}, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mute := 0
			for _, value := range tt.values {
				problems := problemsOf(t, fmt.Sprintf(tt.file, value))
				if len(problems) == 0 {
					continue
				}
				m := shown.FindStringSubmatch(problems[0].Hint)
				if m == nil {
					mute++
					continue
				}
				value := m[1]
				if word, err := strconv.Unquote(value); err == nil && strings.Contains(tt.file, "tests:") {
					value = word // of a sentence
				}
				if again := problemsOf(t, fmt.Sprintf(tt.file, value)); len(again) > 0 {
					t.Errorf("%s: the hint %q is refused: %v", value, problems[0].Hint, again)
				}
			}
			if mute > tt.mute {
				t.Errorf("%d hints show nothing, want %d at most", mute, tt.mute)
			}
		})
	}
}

func problemsOf(t *testing.T, file string) corsac.Problems {
	t.Helper()
	_, err := policyfile.Parse("corsac.yaml", []byte(file))
	var problems corsac.Problems
	if err != nil && !errors.As(err, &problems) {
		t.Fatal(err)
	}
	return problems
}

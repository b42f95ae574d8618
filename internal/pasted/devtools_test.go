package pasted_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// A copied is a request as Chromium's own developer tools write it: the code
// behind "Copy as …" runs in the page that they are.
type copied struct{ Bash, Cmd, Pwsh, Fetch, Node, HAR string }

// A specimen is what they are given.
type specimen struct {
	URL     string      `json:"url"`
	Method  string      `json:"method"`
	Headers [][2]string `json:"headers"`
	Body    *string     `json:"body"`
}

const devtools = "devtools://devtools/bundled/devtools_app.html"

// copyAll is run there.
const copyAll = `(async specimens => {
	const sdk = await import('./core/sdk/sdk.js')
	const net = await import('./panels/network/network.js')
	const har = await import('./models/har/har.js')
	const View = net.NetworkLogView.NetworkLogView, view = Object.create(View.prototype)
	const all = []
	for (const s of specimens) {
		const r = sdk.NetworkRequest.NetworkRequest.create('1', s.url, 'https://app.example.com/p', null, null, null)
		r.requestMethod = s.method
		r.setRequestHeaders(s.headers.map(([name, value]) => ({ name, value })))
		if (s.body !== null) r.setRequestFormData(true, s.body)
		all.push({
			bash: await View.generateCurlCommand(r, 'unix'), cmd: await View.generateCurlCommand(r, 'win'), pwsh: await view.generatePowerShellCommand(r),
			fetch: await view.generateFetchCall(r, 0), node: await view.generateFetchCall(r, 1),
			har: JSON.stringify({ log: await har.Log.Log.build([r], { sanitize: false }) }),
		})
	}
	return JSON.stringify(all)
})(%s)`

// TestDevToolsAreRead: whatever Chromium's developer tools copy, in the quoting
// of bash, cmd, PowerShell or JavaScript, is read as the request that it was.
func TestDevToolsAreRead(t *testing.T) {
	t.Parallel()
	lab.Need(t, "chromium")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	browser, err := lab.Start(ctx, "chromium")
	if err != nil {
		t.Fatal(err)
	}
	defer browser.Close()
	page, err := browser.NewPage(ctx, devtools)
	if err != nil {
		t.Fatal(err)
	}
	specimens := specimensOf(rand.New(rand.NewPCG(2026, 11)), 400)
	given, err := json.Marshal(specimens)
	if err != nil {
		t.Fatal(err)
	}
	var answer string
	if err := page.Eval(ctx, fmt.Sprintf(copyAll, given), &answer); err != nil {
		t.Fatalf("%s has changed: %v", browser.Version(), err)
	}
	var all []copied
	if err := json.Unmarshal([]byte(answer), &all); err != nil || len(all) != len(specimens) {
		t.Fatalf("%d of %d are copied: %v", len(all), len(specimens), err)
	}
	for i, c := range all {
		specimens[i].judge(t, pasted.CurlBash, c.Bash)
		specimens[i].judge(t, pasted.CurlCmd, c.Cmd)
		specimens[i].judge(t, pasted.PowerShell, c.Pwsh)
		specimens[i].judge(t, pasted.FetchCall, c.Fetch)
		specimens[i].judge(t, pasted.NodeFetch, c.Node)
		specimens[i].judge(t, pasted.HAR, c.HAR)
	}
	t.Logf("%d requests in six forms, as Chromium %s copies them", len(all), browser.Version())
}

func (s specimen) judge(t *testing.T, form pasted.Form, text string) {
	t.Helper()
	if form == pasted.CurlCmd && s.Body != nil {
		ascii := inASCII(*s.Body)
		s.Body = &ascii
	}
	p, err := pasted.Parse([]byte(text))
	if err != nil {
		t.Errorf("%s: %v\n%s", form, err, text)
		return
	}
	if p.Form != form || len(p.Requests) != 1 {
		t.Errorf("%s is read as %s with %d requests\n%s", form, p.Form, len(p.Requests), text)
		return
	}
	r := &p.Requests[0].Request
	if r.URL != s.URL || !strings.EqualFold(r.Method, s.Method) && !(r.Method == "" && s.Method == "GET") {
		t.Errorf("%s: %s %s is read as %s %s\n%s", form, s.Method, s.URL, r.Method, r.URL, text)
	}
	if s.Body != nil && string(r.Body) != *s.Body || s.Body == nil && len(r.Body) > 0 {
		t.Errorf("%s: the body %q is read as %q\n%s", form, *s.Body, r.Body, text)
	}
	for _, h := range s.Headers {
		if got, _ := r.Header.Get(h[0]); got != h[1] && !s.isBrowsers(h[0]) {
			t.Errorf("%s: %s: %q is read as %q\n%s", form, h[0], h[1], got, text)
		}
	}
}

// inASCII is what is left of a text for cmd: DevTools write blanks for the rest,
// and for tabs.
func inASCII(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		if unit > 0x7e || unit == '\t' {
			unit = ' '
		}
		b.WriteByte(byte(unit))
	}
	return b.String()
}

func (s *specimen) isBrowsers(name string) bool {
	return name == "Origin" || name == "Referer" || name == "Cookie" || name == "Content-Type" && s.Body != nil // which may be the body's own
}

// specimensOf makes requests whose values mean something to every shell.
func specimensOf(r *rand.Rand, n int) (all []specimen) {
	for range n {
		s := specimen{URL: "https://api.example.com/" + word(r, "abc/-_.~!$&'()*+,;=:@", 8) + "?q=" + word(r, "abc%20&=+!$'()*,;:@/?~-_.", 10), Method: pick(r, "GET", "GET", "POST", "PUT", "DELETE", "PATCH")}
		s.URL = strings.NewReplacer("%2", "%20", "%0", "%20", "%%", "%20").Replace(strings.ReplaceAll(s.URL, "%", ""))
		s.Headers = [][2]string{{"Origin", "https://app.example.com"}, {"Referer", "https://app.example.com/"}}
		for i := range 1 + r.IntN(3) {
			s.Headers = append(s.Headers, [2]string{fmt.Sprintf("X-%c", 'A'+i), strings.TrimSpace("v" + word(r, nasty, 14))})
		}
		if r.IntN(3) == 0 {
			s.Headers = append(s.Headers, [2]string{"Authorization", "Bearer " + word(r, "abcXYZ019._-", 12) + "x"})
		}
		if s.Method != "GET" && r.IntN(3) > 0 {
			body := "{" + word(r, nasty+"\n\t{}[]:,é€😀", 24)
			s.Body = &body
			s.Headers = append(s.Headers, [2]string{"Content-Type", pick(r, "application/json", "text/plain", "application/x-www-form-urlencoded")})
		}
		all = append(all, s)
	}
	return all
}

const nasty = `ab 12"'\^%&|<>!$` + "`" + `#;(){}@~*?=+,.:/-`

func word(r *rand.Rand, alphabet string, most int) string {
	letters := []rune(alphabet)
	w := make([]rune, r.IntN(most+1))
	for i := range w {
		w[i] = letters[r.IntN(len(letters))]
	}
	return string(w)
}

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

// TestBackslashesForCmd: what DevTools doubled is halved, and told; what a person
// writes stays.
func TestBackslashesForCmd(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, text, want string
		told             bool
	}{
		{"doubled by DevTools", `curl ^"https://a.test/^" --data-raw ^"a^\^\nb^"`, `a\nb`, true},
		{"before a quote, where the runtime halves them", `curl ^"https://a.test/^" --data-raw ^"a^\^\^\^"b^"`, `a\"b`, false},
		{"written by hand", `curl.exe ^"https://a.test/^" --data-raw "a\\nb"`, `a\\nb`, false},
	} {
		p, err := pasted.Parse([]byte(row.text))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if got := string(p.Requests[0].Request.Body); got != row.want || told(p.Requests[0].Notes, pasted.BackslashHalved, "double them") != row.told {
			t.Errorf("%s: %q, %v", row.name, got, p.Requests[0].Notes)
		}
	}
}

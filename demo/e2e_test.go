package demo

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

// TestBrowsers plays the demo to real browsers.
func TestBrowsers(t *testing.T) {
	t.Parallel()
	windows := []lab.Option{lab.ChromiumFlag("--disable-popup-blocking"), lab.FirefoxPref("dom.disable_open_during_load", false)}
	for _, browser := range lab.Browsers(t, windows...) {
		t.Run(browser.Name(), func(t *testing.T) {
			t.Parallel()
			lab.Need(t, browser.Name())
			for _, scene := range []struct {
				name string
				play func(*testing.T, *lab.Browser)
			}{
				{"users through Corsac", playUsers},
				{"users directly", playDirectly},
				{"cookies", playCookies},
				{"two windows", playTwoWindows},
				{"what is exposed", playExposed},
				{"a redirecting API", playRedirects},
				{"an API that dies", playDeath},
				{"an API with markup", playMarkup},
				{"sentences", playSentences},
				{"verdicts", playVerdicts},
				{"fewer users than before", playFewer},
				{"the demo has ended", playEnded},
				{"any width", playWidths},
			} {
				t.Run(scene.name, func(t *testing.T) { scene.play(t, browser) })
			}
		})
	}
}

// openPage opens the page and waits until it has shown what it first asks for.
func openPage(t *testing.T, b *lab.Browser, s *stage) *lab.Tab {
	t.Helper()
	tab := b.Open(t, s.frontEnd.url)
	tab.Wait("document.documentElement.dataset.ready")
	return tab
}

// click clicks what the selector finds, and waits for what comes of it.
func click(tab *lab.Tab, selector string) {
	tab.Eval("document.querySelector("+quote(selector)+").click()", nil)
	idle(tab)
}

func idle(tab *lab.Tab) {
	tab.Wait("!document.querySelector('[aria-busy]')")
}

func quote(s string) string { return fmt.Sprintf("%q", s) }

// text is what the page shows in the element.
func text(tab *lab.Tab, selector string) (s string) {
	tab.Eval("document.querySelector("+quote(selector)+").textContent", &s)
	return s
}

// texts are those of all that the selector finds.
func texts(tab *lab.Tab, selector string) (all []string) {
	tab.Eval("[...document.querySelectorAll("+quote(selector)+")].map((e) => e.textContent)", &all)
	return all
}

func wantText(t *testing.T, tab *lab.Tab, selector, want string) {
	t.Helper()
	if got := text(tab, selector); !strings.Contains(got, want) {
		t.Errorf("%s shows %q, want %q in it", selector, got, want)
	}
}

// The titles of a conversation's steps.
const (
	asksFirst   = "Preflight: may the page do this?"
	isAllowed   = "Corsac answers the preflight"
	isRefused   = "The API answers the preflight"
	noPreflight = "No preflight"
	asks        = "The request"
	notSent     = "The request was not sent"
	answers     = "Corsac answers"
	apiAnswers  = "The API answers"
	reads       = "The script reads the answer"
	readsError  = "The script reads the answer, which is an error"
	getsNothing = "The script gets nothing but this"
)

func wantTalk(t *testing.T, tab *lab.Tab, want ...string) {
	t.Helper()
	if got := texts(tab, "#talk > .step > h3"); strings.Join(got, " | ") != strings.Join(want, " | ") {
		t.Errorf("the conversation is\n%s\nwant\n%s", strings.Join(got, " | "), strings.Join(want, " | "))
	}
}

// heardBy are the start lines of what a server was asked, one after the other.
func heardBy(s *stage, server string) (requests []string) {
	exchanges, _ := s.wire.After(0)
	for _, e := range exchanges {
		if e.Server == server {
			requests = append(requests, strings.TrimSuffix(e.Request[0], " HTTP/1.1"))
		}
	}
	return requests
}

func playUsers(t *testing.T, b *lab.Browser) {
	s := perform(t, nil)
	tab := openPage(t, b, s)
	wantText(t, tab, "#rows tr:first-child", "Amina Kipchoge")
	if rows := texts(tab, "#rows tr"); len(rows) != 10 {
		t.Errorf("%d rows, want 10", len(rows))
	}
	wantText(t, tab, "#range", "1–10 of 1,000")
	wantTalk(t, tab, asksFirst, isAllowed, asks, answers, reads)
	wantText(t, tab, "#talk", "Access-Control-Request-Headers: authorization,itemsperpage,pagenumber")
	wantText(t, tab, "#talk", "Exactly this page’s origin: its script may read the answer.")

	click(tab, "#next")
	for range 8 { // Firefox needs a few preflights before it remembers any; Chromium none more
		if b.Name() == "chromium" || texts(tab, "#talk h3")[0] == noPreflight {
			break
		}
		click(tab, "#next")
	}
	wantTalk(t, tab, noPreflight, asks, answers, reads)

	click(tab, "#first")
	wantText(t, tab, "#range", "1–10 of 1,000")
	click(tab, "#last")
	wantText(t, tab, "#rows tr:last-child", "Mateo Martínez")
	wantText(t, tab, "#range", "991–1,000 of 1,000")
	tab.Wait("document.querySelector('#next').getAttribute('aria-disabled') === 'true'")

	// Another header is covered by the answer to the first preflight: Corsac named all.
	tab.Eval("document.querySelector('#term').value = 'łukasz'", nil)
	tab.Eval("document.querySelector('#search').requestSubmit()", nil)
	idle(tab)
	wantText(t, tab, "#range", "1–5 of 5")
	wantText(t, tab, "#asked", "with POST")
	if b.Name() == "chromium" {
		wantTalk(t, tab, noPreflight, asks, answers, reads)
	}
	for _, request := range heardBy(s, "api") {
		if strings.HasPrefix(request, "OPTIONS") {
			t.Errorf("the API was asked %q", request)
		}
	}
}

func playDirectly(t *testing.T, b *lab.Browser) {
	s := perform(t, nil)
	tab := openPage(t, b, s)
	click(tab, "input[value=api]")
	typeError := map[string]string{
		"chromium": "TypeError: Failed to fetch",
		"firefox":  "TypeError: NetworkError when attempting to fetch resource.",
	}[b.Name()]
	wantText(t, tab, "#trouble", typeError)
	wantText(t, tab, "#talk .error", typeError)
	wantTalk(t, tab, asksFirst, isRefused, notSent, getsNothing)
	if requests := heardBy(s, "api"); strings.Join(requests, ", ") != "POST /users, OPTIONS /users" {
		t.Errorf("the API was asked %q, want Corsac's POST and the browser's preflight", requests)
	}

	// What the page tells the person to look for in the console is there.
	message := tab.WaitConsole(func(e lab.Entry) bool { return e.AboutCORS() }).Text
	if !strings.Contains(message, s.api.url+"/users") {
		t.Errorf("the console says %q, want %s in it", message, s.api.url+"/users")
	}
	begins, _, _ := strings.Cut(texts(tab, "#talk .verdict code")[1], " …")
	if begins == "" || !strings.HasPrefix(message, begins) {
		t.Errorf("the console says %q, the page tells to look for %q", message, begins)
	}
	t.Logf("the console says: %s", message)

	click(tab, "input[value=gateway]")
	wantText(t, tab, "#range", "1–10 of 1,000")
}

func playCookies(t *testing.T, b *lab.Browser) {
	s := perform(t, nil)
	tab := openPage(t, b, s)
	account := func(button, want string) {
		t.Helper()
		click(tab, button)
		wantText(t, tab, "#account", want)
	}
	account("#who", "nobody is signed in")
	wantTalk(t, tab, noPreflight, asks, answers, readsError)
	account("#sign-in", "Signed in")
	wantText(t, tab, "#talk", "Access-Control-Allow-Credentials: true")
	account("#who", "You are Amina Kipchoge, amina.kipchoge@example.com.")
	wantTalk(t, tab, noPreflight, asks, answers, reads)
	wantText(t, tab, "#talk", "Cookie: "+sessionCookie+"=")

	// Directly, the request needs no preflight, so it arrives; but the script reads nothing.
	click(tab, "input[value=api]")
	account("#who", "TypeError")
	wantTalk(t, tab, noPreflight, asks, apiAnswers, getsNothing)
	click(tab, "input[value=gateway]")

	account("#sign-out", "Signed out")
	account("#who", "nobody is signed in")
}

// playTwoWindows turns pages in two windows of the same browser at once: each must show its own
// conversation.
func playTwoWindows(t *testing.T, b *lab.Browser) {
	s := perform(t, nil)
	tab := openPage(t, b, s)
	tab.Eval("Boolean(globalThis.other = window.open(location.href))", nil)
	tab.Wait("other.document.documentElement.dataset.ready")
	var wrong []string
	tab.Eval(`(async () => {
		const wrong = [];
		const idle = async (w) => { while (w.document.querySelector("[aria-busy]")) await new Promise((done) => setTimeout(done, 5)); };
		const turn = async (w, name) => {
			for (let page = 2; page <= 6; page++) {
				w.document.getElementById("next").click();
				await idle(w);
				const lines = [...w.document.querySelectorAll("#talk dt")].map((e) => e.textContent).filter((l) => l.startsWith("PageNumber"));
				const want = "PageNumber: " + page;
				if (lines.length !== 1 || lines[0] !== want) wrong.push(name + ": " + JSON.stringify(lines) + ", want " + want);
			}
		};
		other.document.getElementById("last").click();
		await idle(other);
		other.document.getElementById("first").click();
		await idle(other);
		await Promise.all([turn(window, "this"), turn(other, "other")]);
		other.close();
		return wrong;
	})()`, &wrong)
	for _, w := range wrong {
		t.Error(w)
	}
}

func playExposed(t *testing.T, b *lab.Browser) {
	s := perform(t, nil)
	tab := openPage(t, b, s)
	got := ask(tab, s.gateway.url+"/users", "TotalItemsCount", "X-Content-Type-Options", "Content-Type")
	if got.Headers["TotalItemsCount"] != "1000" || got.Headers["Content-Type"] != "application/json" {
		t.Errorf("the script reads %q, want TotalItemsCount and Content-Type", got.Headers)
	}
	if got.Headers["X-Content-Type-Options"] != "" {
		t.Errorf("the script reads %q, which is not exposed", got.Headers)
	}
	exchanges, _ := s.wire.After(0)
	if last := exchanges[len(exchanges)-1]; !strings.Contains(strings.Join(last.Response, "\n"), "X-Content-Type-Options: nosniff") {
		t.Errorf("it is not on the wire either: %q", last.Response)
	}
}

// An answer is what a script gets of one.
type answer struct {
	Error      string // of fetch itself
	Status     int
	URL        string
	Redirected bool
	Headers    map[string]string
	Body       string
	BodyError  string // of reading the body
}

// ask has the page fetch the URL as it fetches users, and read some headers.
func ask(tab *lab.Tab, url string, headers ...string) (a answer) {
	tab.Eval(`(async () => {
		const got = { Headers: {} };
		let r;
		try {
			r = await fetch(`+quote(url)+`, { headers: { Authorization: "Bearer `+Token+`", ItemsPerPage: "1", PageNumber: "1" } });
		} catch (e) {
			return { Error: String(e) };
		}
		for (const name of `+quote(strings.Join(headers, " "))+`.split(" ").filter(Boolean)) got.Headers[name] = r.headers.get(name) ?? "";
		Object.assign(got, { Status: r.status, URL: r.url, Redirected: r.redirected });
		try { got.Body = await r.text(); } catch (e) { got.BodyError = String(e); }
		return got;
	})()`, &a)
	return a
}

// queries is an API that answers /users by the query, and with no users when it has no answer for that.
func queries(h map[string]http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer := h[r.URL.RawQuery]; answer != nil {
			answer(w, r)
			return
		}
		w.Header().Set("TotalItemsCount", "0")
		w.Write([]byte("[]"))
	})
}

func playRedirects(t *testing.T, b *lab.Browser) {
	s := perform(t, queries(map[string]http.HandlerFunc{
		"within": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/users?there", http.StatusTemporaryRedirect)
		},
		"there": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header.Get("Authorization")) },
		"itself": func(w http.ResponseWriter, r *http.Request) {
			api := r.Context().Value(http.LocalAddrContextKey).(net.Addr).String()
			http.Redirect(w, r, "http://"+api+"/users?there", http.StatusFound)
		},
		"home": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.Header.Get("Origin")+"/scene.json", http.StatusFound)
		},
	}))
	tab := openPage(t, b, s)

	// The redirect's answer has CORS headers like every other, so the browser follows; and where the API
	// names itself, it is the gateway that is meant.
	for _, query := range []string{"within", "itself"} {
		got := ask(tab, s.gateway.url+"/users?"+query)
		if got.Status != 200 || !got.Redirected || got.URL != s.gateway.url+"/users?there" || got.Body != "Bearer "+Token {
			t.Errorf("a redirect by %s: %+v", query, got)
		}
	}
	// Even the page's own origin has to agree once another has sent the browser there.
	got := ask(tab, s.gateway.url+"/users?home")
	if !strings.HasPrefix(got.Error, "TypeError: ") {
		t.Errorf("a redirect back to the page's origin: %+v", got)
	}
	tab.WaitConsole(func(e lab.Entry) bool { return e.AboutCORS() && strings.Contains(e.Text, s.frontEnd.url+"/scene.json") })
}

func playDeath(t *testing.T, b *lab.Browser) {
	s := perform(t, queries(map[string]http.HandlerFunc{
		"before": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"midway": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("TotalItemsCount", "1000")
			w.Header().Set("Content-Length", "1000")
			w.Write([]byte(`[{"id":1,`))
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
	}))
	tab := openPage(t, b, s)
	// The gateway's own error has CORS headers too: the script learns what happened.
	if got := ask(tab, s.gateway.url+"/users?before"); got.Status != http.StatusBadGateway {
		t.Errorf("an API that dies before its answer: %+v, want status 502", got)
	}
	// What had arrived can be read, and that it is not whole is no secret.
	got := ask(tab, s.gateway.url+"/users?midway", "TotalItemsCount")
	if got.Status != 200 || got.Headers["TotalItemsCount"] != "1000" || !strings.HasPrefix(got.BodyError, "TypeError: ") {
		t.Errorf("an API that dies within its answer: %+v", got)
	}
}

// playMarkup has the API say what would be markup, had the page put it in as such.
func playMarkup(t *testing.T, b *lab.Browser) {
	const markup = `<img src=x onerror="document.title='owned'">`
	s := perform(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("TotalItemsCount", "1")
		w.Header().Set("Set-Cookie", "a="+markup)
		writeJSON(w, http.StatusOK, "application/json", []User{{ID: 1, Name: markup, Email: markup, City: markup, Country: markup, Joined: markup}})
	}))
	tab := openPage(t, b, s)
	wantText(t, tab, "#rows", markup)
	wantText(t, tab, "#talk", "a="+markup)
	var images int
	tab.Eval("document.querySelectorAll('main img').length", &images)
	if images != 0 {
		t.Errorf("%d images, want none", images)
	}
}

// playSentences has headers explained whose values the demo does not have.
func playSentences(t *testing.T, b *lab.Browser) {
	tab := openPage(t, b, perform(t, nil))
	for _, tt := range []struct{ direction, name, value, want string }{
		{"response", "access-control-allow-origin", "*", "Scripts of any origin may read the answer."},
		{"response", "Access-Control-Allow-Origin", "https://b.example", "Not this page’s origin, which is https://a.example: its script may not read the answer."},
		{"response", "Access-Control-Allow-Methods", "PUT, DELETE,PATCH", "Scripts may send PUT, DELETE and PATCH too. GET, HEAD and POST need no permission."},
		{"response", "Access-Control-Allow-Methods", "*", "Scripts may send any method, unless they send credentials."},
		{"response", "Access-Control-Allow-Credentials", "True", "Only the value true counts, in lower case: with cookies, no script may read the answer."},
		{"response", "Access-Control-Max-Age", "3600", "The browser may remember this permission for an hour and need not ask again."},
		{"response", "Access-Control-Max-Age", "90", "The browser may remember this permission for 90 seconds and need not ask again."},
		{"response", "Access-Control-Max-Age", "soon", "The browser may remember this permission for as long as it thinks fit and need not ask again."},
		{"response", "TotalItemsCount", "1", "How many users there are. It is here, but no script of this page can read it."},
		{"response", "Vary", "Accept-Encoding", ""},
		{"response", "Origin", "https://a.example", ""},
		{"response", "constructor", "x", ""},
		{"request", "Content-Type", "application/json; charset=utf-8", "JSON is not among the three types that any form could send, so it needs permission."},
		{"request", "Content-Type", "text/plain", ""},
		{"request", "toString", "x", ""},
	} {
		var got string
		tab.Eval(fmt.Sprintf("import('/words.js').then((words) => words.sentence(%q, %q, %q, { origin: 'https://a.example', exposed: false }) ?? '')",
			tt.direction, tt.name, tt.value), &got)
		if got != tt.want {
			t.Errorf("%s: %s in the %s means %q, want %q", tt.name, tt.value, tt.direction, got, tt.want)
		}
	}
}

// playVerdicts has conversations judged that the demo's own servers do not hold.
func playVerdicts(t *testing.T, b *lab.Browser) {
	tab := openPage(t, b, perform(t, nil))
	const (
		preflight = "['OPTIONS /users HTTP/1.1', 'Access-Control-Request-Method: PUT']"
		request   = "['POST /users HTTP/1.1']"
		granted   = "['HTTP/1.1 200 OK', 'Access-Control-Allow-Origin: ' + location.origin]"
		silent    = "['HTTP/1.1 200 OK']"
	)
	for _, tt := range []struct{ name, exchanges, outcome, title, says string }{
		{"refused", request + ", " + silent, "{error: 'TypeError'}", getsNothing, "in its console"},
		{"another method", preflight + ", " + granted, "{error: 'TypeError'}", getsNothing, "in its console"},
		{"broken off", request + ", " + granted, "{error: 'TypeError'}", getsNothing, "That is no matter of CORS: the connection broke"},
		{"no answer", request + ", null", "{error: 'TypeError'}", getsNothing, "That is no matter of CORS: the connection broke"},
		{"late", request + ", null", "{error: 'TimeoutError', late: true}", "The script gave up waiting", "No answer came in time. That is no matter of CORS."},
	} {
		var got struct{ Title, Says string }
		tab.Eval(`import('/wire.js').then((wire) => {
			const [request, response] = [`+tt.exchanges+`].map((lines) => lines && wire.head(lines));
			const list = document.createElement('ol');
			wire.draw(list, wire.steps({ way: 'api', needs: true, exchanges: [{ server: 'api', request, response }], outcome: `+tt.outcome+` }));
			const verdict = list.querySelector('.verdict');
			return { Title: verdict.querySelector('h3').textContent, Says: verdict.textContent };
		})`, &got)
		if got.Title != tt.title || !strings.Contains(got.Says, tt.says) {
			t.Errorf("%s: %q, want %q with %q in it", tt.name, got, tt.title, tt.says)
		}
	}
}

// playFewer asks for the last page when there are no longer so many.
func playFewer(t *testing.T, b *lab.Browser) {
	var asked atomic.Int64
	tab := openPage(t, b, perform(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		total, page := 30, []User{{ID: 1, Name: "Amina"}}
		if asked.Add(1) > 1 {
			total = 1
			if r.Header.Get("PageNumber") != "1" {
				page = []User{}
			}
		}
		w.Header().Set("TotalItemsCount", strconv.Itoa(total))
		writeJSON(w, http.StatusOK, "application/json", page)
	})))
	wantText(t, tab, "#number", "1 / 3")
	click(tab, "#last")
	wantText(t, tab, "#range", "1–1 of 1")
	wantText(t, tab, "#number", "1 / 1")
}

// playEnded asks for pages while nobody answers: what the page then shows is still where it is.
func playEnded(t *testing.T, b *lab.Browser) {
	tab := openPage(t, b, perform(t, nil))
	tab.Eval("void (window.answering = window.fetch, window.fetch = () => Promise.reject(new TypeError('Failed to fetch')))", nil)
	click(tab, "#next")
	click(tab, "#next")
	wantText(t, tab, "#trouble", "Is it still running?")
	wantText(t, tab, "#number", "1 / 100")
	tab.Eval("void (window.fetch = window.answering)", nil)
	click(tab, "#next")
	wantText(t, tab, "#number", "2 / 100")
	wantText(t, tab, "#range", "11–20 of 1,000")
}

// playWidths looks for what would have to be scrolled sideways, as on the narrowest telephones, and for
// mail addresses that break within a word.
func playWidths(t *testing.T, b *lab.Browser) {
	tab := openPage(t, b, perform(t, nil))
	for _, way := range []string{"gateway", "api"} {
		click(tab, "input[value="+way+"]")
		for _, width := range []int{320, 390, 560, 700, 768, 1024, 1280, 1440} {
			tab.Viewport(width, 900)
			var over []string
			tab.Eval(`[document.documentElement, document.querySelector("#table")]
				.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.tagName + " " + (e.scrollWidth - e.clientWidth))`, &over)
			if len(over) > 0 {
				t.Errorf("%s, %d px wide: %q are too wide", way, width, over)
			}
			var broken int
			tab.Eval(`[...document.querySelectorAll(".mail")].filter((e) => e.getClientRects().length > 0 && e.offsetHeight > 30).length`, &broken)
			if broken > 0 {
				t.Errorf("%s, %d px wide: %d mail addresses break", way, width, broken)
			}
		}
	}
}

// TestScreenshots writes pictures of the page for somebody to look at:
//
//	CORSAC_SCREENSHOTS=/tmp/shots go test -run TestScreenshots ./demo
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("CORSAC_SCREENSHOTS")
	if dir == "" {
		t.Skip("CORSAC_SCREENSHOTS names no directory")
	}
	s := perform(t, nil)
	for _, scheme := range []struct{ name, chromium, firefox string }{{"light", "1", "0"}, {"dark", "0", "1"}} {
		for _, browser := range lab.Browsers(t,
			lab.ChromiumFlag("--blink-settings=preferredColorScheme="+scheme.chromium),
			lab.FirefoxPref("ui.systemUsesDarkTheme", int(scheme.firefox[0]-'0'))) {
			tab := openPage(t, browser, s)
			shoot := func(name string, width, height int) {
				tab.Viewport(width, height)
				file := filepath.Join(dir, name+"-"+scheme.name+"-"+browser.Name()+".png")
				if err := os.WriteFile(file, tab.Screenshot(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			shoot("wide", 1280, 1150)
			shoot("narrow", 390, 2000)
			click(tab, "input[value=api]")
			shoot("direct", 1280, 1150)
			shoot("direct-narrow", 390, 1700)
			click(tab, "input[value=gateway]")
			click(tab, "#next")
			tab.Eval("document.querySelectorAll('.behind details, #policy-card').forEach((d) => d.open = true)", nil)
			shoot("next", 1280, 1900)
			click(tab, "#sign-in")
			shoot("cookie", 900, 2600)
		}
	}
}

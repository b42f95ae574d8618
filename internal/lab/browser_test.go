package lab_test

import (
	"bytes"
	"context"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/internal/lab"
)

// serve answers each path with exactly these header lines and this body, and other paths with an empty
// page. It returns the address, as an IP address and a port.
func serve(t *testing.T, answers map[string]string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c, answers)
		}
	}()
	return l.Addr().String()
}

func answer(c net.Conn, answers map[string]string) {
	defer c.Close()
	request := make([]byte, 8<<10) // comes in one piece from a browser on the same machine
	n, err := c.Read(request)
	if err != nil {
		return
	}
	_, rest, _ := strings.Cut(string(request[:n]), " ")
	path, _, _ := strings.Cut(rest, " ")
	text, known := answers[path]
	if !known {
		text = "Content-Type: text/html\r\n\r\n"
	}
	io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n"+text)
}

// api is the server on another origin.
func api(t *testing.T) string {
	return "http://" + serve(t, map[string]string{
		"/open":   "Access-Control-Allow-Origin: *\r\n\r\nhello",
		"/closed": "\r\nhello",
	})
}

// pages is the server of the pages.
func pages(t *testing.T, api string) string {
	return "http://" + serve(t, map[string]string{
		"/colour": "Content-Type: text/html\r\n\r\n<!DOCTYPE html><body style='background: #123456'>",
		"/leave":  "Content-Type: text/html\r\n\r\n<script>setTimeout(() => location = '/arrive', 50)</script>",
		"/arrive": "Content-Type: text/html\r\n\r\n<title>arrived</title>",
		"/frame": "Content-Type: text/html\r\n\r\n<iframe sandbox=allow-scripts srcdoc=\"" +
			"<script>fetch('" + api + "/closed')</script>\"></iframe>",
	})
}

func TestBrowsers(t *testing.T) {
	api := api(t)
	page := pages(t, api)
	for _, b := range lab.Browsers(t) {
		t.Run(b.Name(), func(t *testing.T) {
			t.Run("evaluate", func(t *testing.T) { testEval(t, b.Open(t, page)) })
			t.Run("throw", func(t *testing.T) { testThrow(t, b.Open(t, page)) })
			t.Run("cross-origin", func(t *testing.T) { testCrossOrigin(t, b, page, api) })
			t.Run("frame", func(t *testing.T) { testFrame(t, b, page, api) })
			t.Run("console", func(t *testing.T) { testConsole(t, b.Open(t, page)) })
			t.Run("navigate", func(t *testing.T) { testNavigate(t, b.Open(t, page+"/leave"), page) })
			t.Run("wait in vain", func(t *testing.T) { testWaitInVain(t, b.Open(t, page)) })
			t.Run("screenshot", func(t *testing.T) { testScreenshot(t, b.Open(t, page+"/colour")) })
			t.Run("strangers", func(t *testing.T) { testStrangers(t, b.Open(t, page), b.Open(t, page)) })
			t.Run("refuses", func(t *testing.T) { testRefuses(t, b) })
		})
	}
}

func testEval(t *testing.T, tab *lab.Tab) {
	for _, tt := range []struct {
		name, expr string
		want       any
	}{
		{"number", "6 * 7", 42.0},
		{"string", "'‘é’'", "‘é’"},
		{"promise", "new Promise(done => setTimeout(() => done('kept')))", "kept"},
		{"object", "({a: [1, null]})", map[string]any{"a": []any{1.0, nil}}},
		{"undefined", "undefined", nil},
		{"null", "null", nil},
		{"comment", "1 // one", 1.0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := lab.Value[any](tab, tt.expr); !cmp.Equal(got, tt.want) {
				t.Errorf("%s = %v, want %v", tt.expr, got, tt.want)
			}
		})
	}
}

func testThrow(t *testing.T, tab *lab.Tab) {
	for name, expr := range map[string]string{
		"throws":  "(() => { throw new RangeError('too far') })()",
		"rejects": "Promise.reject(new RangeError('too far'))",
	} {
		err := tab.Page.Eval(t.Context(), expr, nil)
		if err == nil || !strings.HasSuffix(err.Error(), ": RangeError: too far") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}

func testCrossOrigin(t *testing.T, b *lab.Browser, page, api string) {
	tab := b.Open(t, page)
	if got := lab.Value[string](tab, "fetch('"+api+"/open').then(r => r.text())"); got != "hello" {
		t.Errorf("allowed: %q", got)
	}
	if seen := tab.Console(); len(seen) > 0 {
		t.Errorf("the console of an allowed request shows %v", seen)
	}
	if name := lab.Value[string](tab, "fetch('"+api+"/closed').catch(e => e.name)"); name != "TypeError" {
		t.Errorf("not allowed: %s", name)
	}
	says := map[string]string{
		"chromium": "Access to fetch at '" + api + "/closed' from origin '" + page + "' has been blocked by CORS policy: " +
			"No 'Access-Control-Allow-Origin' header is present",
		"firefox": "disallows reading the remote resource at " + api + "/closed. " +
			"(Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200.",
	}[b.Name()]
	if got := tab.WaitConsole(lab.Entry.AboutCORS); !strings.Contains(got.Text, says) || got.Level != "error" {
		t.Errorf("the console shows %q (%s), want …%q…", got.Text, got.Level, says)
	}

	tab.Eval("fetch('"+api+"/closed?put', {method: 'PUT'}).catch(() => {})", nil)
	failure := tab.WaitFailure(func(f lab.Failure) bool { return f.URL == api+"/closed?put" })
	want := map[string]lab.Failure{
		"chromium": {Method: "PUT", Error: "net::ERR_FAILED", CORS: "PreflightMissingAllowOriginHeader"},
		"firefox":  {Method: "OPTIONS", Error: "NS_ERROR_DOM_BAD_URI"},
	}[b.Name()]
	want.URL = api + "/closed?put"
	if failure != want {
		t.Errorf("failure %+v, want %+v", failure, want)
	}
}

func testFrame(t *testing.T, b *lab.Browser, page, api string) {
	tab := b.Open(t, page+"/frame")
	if got := tab.WaitConsole(lab.Entry.AboutCORS); !strings.Contains(got.Text, api+"/closed") {
		t.Errorf("the console shows %q", got.Text)
	}
}

func testConsole(t *testing.T, tab *lab.Tab) {
	tab.Eval("console.warn('blocked by CORS policy', 1, true, null, undefined)", nil)
	want := lab.Entry{Source: "console", Level: "warn", Text: "blocked by CORS policy 1 true null undefined"}
	got := tab.WaitConsole(func(e lab.Entry) bool { return e.Source == "console" })
	if got != want {
		t.Errorf("entry %+v, want %+v", got, want)
	}
	if got.AboutCORS() {
		t.Error("the page's own words are taken for the browser's")
	}
	tab.Eval("void setTimeout(() => { throw new RangeError('too late') })", nil)
	uncaught := tab.WaitConsole(func(e lab.Entry) bool { return e.Source == "javascript" })
	if !strings.Contains(uncaught.Text, "RangeError: too late") || uncaught.Level != "error" {
		t.Errorf("uncaught: %+v", uncaught)
	}
}

func testNavigate(t *testing.T, tab *lab.Tab, page string) {
	tab.Wait("document.title == 'arrived'")
	tab.Navigate(page + "/arrive#section")
	if got := lab.Value[string](tab, "location.href"); got != page+"/arrive#section" {
		t.Errorf("location %s", got)
	}
}

func testWaitInVain(t *testing.T, tab *lab.Tab) {
	ctx, cancel := context.WithCancelCause(t.Context())
	patience := fmt.Errorf("lost patience")
	done := make(chan error, 3)
	go func() { done <- tab.Page.Wait(ctx, "document.title == 'never'") }()
	go func() {
		_, err := tab.Page.WaitConsole(ctx, lab.Entry.AboutCORS)
		done <- err
	}()
	go func() { done <- tab.Page.Eval(ctx, "new Promise(() => {})", nil) }()
	cancel(patience)
	for range cap(done) {
		if err := <-done; err == nil || !strings.Contains(err.Error(), patience.Error()) {
			t.Errorf("error = %v", err)
		}
	}
	if got := lab.Value[int](tab, "1"); got != 1 { // the connection has survived
		t.Error(got)
	}
}

func testScreenshot(t *testing.T, tab *lab.Tab) {
	for name, size := range map[string][2]int{"narrow": {390, 844}, "wide": {1440, 900}} {
		tab.Viewport(size[0], size[1])
		if got := lab.Value[[2]int](tab, "[innerWidth, innerHeight]"); got != size {
			t.Errorf("%s: the page is %v, want %v", name, got, size)
		}
		img, err := png.Decode(bytes.NewReader(tab.Screenshot()))
		if err != nil {
			t.Fatal(err)
		}
		if got := img.Bounds().Size(); got.X != size[0] || got.Y != size[1] {
			t.Errorf("%s: the screenshot is %v, want %v", name, got, size)
		}
		if got := color.NRGBAModel.Convert(img.At(100, 100)); got != (color.NRGBA{0x12, 0x34, 0x56, 0xff}) {
			t.Errorf("%s: the screenshot is %v", name, got)
		}
	}
}

func testStrangers(t *testing.T, one, other *lab.Tab) {
	one.Eval("document.cookie = 'mine=1'", nil)
	if got := lab.Value[string](one, "document.cookie"); got != "mine=1" {
		t.Errorf("own cookie %q", got)
	}
	if got := lab.Value[string](other, "document.cookie"); got != "" {
		t.Errorf("cookie %q of another page", got)
	}
}

func testRefuses(t *testing.T, b *lab.Browser) {
	tls := selfSigned(t)
	for name, url := range map[string]string{"self-signed": tls.URL, "nobody there": "http://" + lab.FreeAddress(t), "no such host": "http://app.corsac.test/"} {
		page, err := b.NewPage(t.Context(), url)
		if err == nil {
			page.Close(t.Context())
			t.Errorf("%s: %s opened", name, url)
		}
	}
}

func selfSigned(t *testing.T) *httptest.Server {
	s := httptest.NewUnstartedServer(nil)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that browsers break off
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestOptions(t *testing.T) {
	address := serve(t, nil)
	_, port, _ := net.SplitHostPort(address)
	tls := selfSigned(t)
	browsers := lab.Browsers(t, lab.Hosts("app.corsac.test", "api.corsac.test"), lab.InsecureTLS(),
		lab.ChromiumFlag("--user-agent=Corsac"), lab.FirefoxPref("general.useragent.override", "Corsac"))
	for _, b := range browsers {
		t.Run(b.Name(), func(t *testing.T) {
			tab := b.Open(t, "http://api.corsac.test:"+port)
			tab.Navigate("http://app.corsac.test:" + port)
			if got := lab.Value[string](tab, "location.host"); got != "app.corsac.test:"+port {
				t.Errorf("location.host = %q", got)
			}
			tab.Navigate(tls.URL)
			if got := lab.Value[string](tab, "origin"); got != tls.URL {
				t.Errorf("origin = %q", got)
			}
			if got := lab.Value[string](tab, "navigator.userAgent"); got != "Corsac" {
				t.Errorf("userAgent = %q", got)
			}
		})
	}
}

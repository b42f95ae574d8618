package explain

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
)

// TestInitiators: what was recorded of the three browsers, when what they loaded
// came without headers.
func TestInitiators(t *testing.T) {
	t.Parallel()
	const (
		chrome  = "Access to NOUN at 'URL' from origin 'ORIGIN' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource."
		firefox = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at URL. (Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200."
		safari  = "Origin ORIGIN is not allowed by Access-Control-Allow-Origin. Status code: 200"
	)
	for _, row := range []struct {
		as, noun        string
		firefox, safari []string
	}{
		{"xhr", "XMLHttpRequest", []string{firefox}, []string{safari, "XMLHttpRequest cannot load URL due to access control checks."}},
		{"module", "script", []string{firefox, "Module source URI is not allowed in this document: “URL”."}, []string{safari}},
		{"script-cors", "script", []string{firefox, "<script> source URI is not allowed in this document: “URL”."},
			[]string{safari, "Cross-origin script load denied by Cross-Origin Resource Sharing policy."}},
		{"image-cors", "image", []string{firefox}, []string{safari, "Cannot load image URL due to access control checks."}},
		{"font", "font", []string{firefox, "downloadable font: download failed (…): bad URI or cross-site access not allowed source: URL"}, nil},
		{"eventsource", "resource", []string{firefox, "Firefox can’t establish a connection to the server at URL."}, []string{safari, "EventSource cannot load URL due to access control checks."}},
	} {
		t.Run(row.as, func(t *testing.T) {
			t.Parallel()
			url := start(t, bare).URL + "/x"
			r := Explain(t.Context(), Question{Request: fetch.Request{Origin: app, URL: url}, As: row.as, NoProbes: true})
			fill := strings.NewReplacer("URL", url, "ORIGIN", app, "NOUN", row.noun)
			for n, want := range [][]string{{chrome}, row.firefox, row.safari} {
				for i := range want {
					want[i] = fill.Replace(want[i])
				}
				if got := r.Says[n].Lines; !slices.Equal(got, want) {
					t.Errorf("%s prints\n%s\nnot\n%s", r.Says[n].Browser, strings.Join(want, "\n"), strings.Join(got, "\n"))
				}
			}
			if r.Request.By != row.as || r.Says[0].Script == "" {
				t.Errorf("by %q, the page notices %q", r.Request.By, r.Says[0].Script)
			}
		})
	}
}

// TestLoadedWithoutCORS: shown, run or applied, and of no use to a script.
func TestLoadedWithoutCORS(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		as     string
		header string
		tells  []string
	}{
		{"image", "X-A: 1", []string{"tainted", "would not be loaded at all", "<img crossorigin>"}},
		{"image", "Access-Control-Allow-Origin: *", []string{"with crossorigin it would pass"}},
		{"script", "X-A: 1", []string{"Script error.", "<script crossorigin>"}},
		{"style", "Access-Control-Allow-Origin: " + app, []string{"cssRules", "with crossorigin it would pass"}},
	} {
		r := Explain(t.Context(), Question{Request: fetch.Request{Origin: app, URL: start(t, lines(200, row.header)).URL}, As: row.as})
		fault{code: "CX-J03", answer: Readable, tells: row.tells}.judge(t, r)
		if r.Request.Mode != "no-cors" || !strings.HasPrefix(r.Headline, "OPAQUE") {
			t.Errorf("%s: mode %s, %s", row.as, r.Request.Mode, r.Headline)
		}
	}
}

// TestImagesAreUpgraded: mixed content is no matter of images any more.
func TestImagesAreUpgraded(t *testing.T) {
	t.Parallel()
	for as, want := range map[string]string{"image": "https://api.example.com/a.png", "fetch": "http://api.example.com/a.png"} {
		i := newInquiry(Question{Request: fetch.Request{Origin: app, URL: "http://api.example.com/a.png"}, As: as})
		defer i.agent.Close()
		if i.q.Request.URL != want || i.target.String() != want {
			t.Errorf("%s: asks %s", as, i.q.Request.URL)
		}
	}
}

func TestInitiatorsAreSound(t *testing.T) {
	t.Parallel()
	for _, w := range initiators {
		for _, browser := range []string{"chrome", "firefox", "safari"} {
			if w.scriptError(browser) == "" || w.noun == "" {
				t.Errorf("%s: what does the page notice in %s?", w.id, browser)
			}
		}
		if (w.mode == fetch.ModeNoCORS) != (w.mend != "") {
			t.Errorf("%s is loaded without CORS, and nothing says how else", w.id)
		}
	}
	if initiatorOf("nonsense").id != "fetch" || initiatorOf("").id != "fetch" {
		t.Error("what is not known is not fetch()")
	}
}

package cases_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab"
)

// TestCorpusInBrowsers asks Chromium and Firefox: pages of the very origins make
// the very requests, to servers on this machine. Where a case speaks of a port,
// another stands for it, one for one, in the policy too.
func TestCorpusInBrowsers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	options := []lab.Option{
		lab.Hosts(s.names()...), lab.InsecureTLS(),
		// A process for each of so many sites would take most of the time.
		lab.ChromiumFlag("--disable-features=IsolateOrigins,site-per-process"), lab.ChromiumFlag("--disable-site-isolation-trials"),
		lab.FirefoxPref("fission.autostart", false),
	}
	for _, b := range lab.Browsers(t, options...) {
		t.Run(b.Name(), func(t *testing.T) {
			t.Parallel()
			profile := map[string]fetch.Profile{"chromium": fetch.Chrome, "firefox": fetch.Firefox}[b.Name()]
			tab := b.Open(t, "http://stage.localhost:"+s.port(t, "http", "")+"/")
			answers := lab.Value[map[string]answer](tab, s.script())
			for _, c := range s.calls {
				a, ok := answers[c.id]
				if !ok {
					t.Errorf("%s: %s: no answer", c.policy, c.c.Name)
					continue
				}
				s.judge(t, b.Name(), c, a, profile)
			}
			t.Logf("%d cases in %s %s", len(s.calls), b.Name(), b.Version())
		})
	}
}

// An answer is what a page got.
type answer struct {
	OK    bool     `json:"ok"`
	Type  string   `json:"type"`
	Read  []string `json:"read"` // names, in lower case
	Error string   `json:"error"`
}

// script has frames of all origins make the calls, a few at a time, and gives
// the answers by id.
func (s *stage) script() string {
	type init struct {
		Method      string      `json:"method"`
		Headers     [][2]string `json:"headers"`
		Credentials string      `json:"credentials,omitempty"`
	}
	type todo struct {
		ID   string `json:"id"`
		URL  string `json:"url"`
		Init init   `json:"init"`
	}
	pages := make(map[string][]todo)
	for _, c := range s.calls {
		request := &c.c.Request
		d := todo{c.id, request.URL, init{request.Method, [][2]string{}, string(request.Credentials)}}
		for _, f := range request.Header {
			d.Init.Headers = append(d.Init.Headers, [2]string{f.Name, f.Value})
		}
		url := s.pageOf(request.Origin)
		pages[url] = append(pages[url], d)
	}
	list, err := json.Marshal(pages)
	if err != nil {
		panic(err) // the pages are of our own making
	}
	return `(async () => {
		const answers = {}, pages = Object.entries(` + string(list) + `);
		const work = async () => {
			for (let next; next = pages.pop();) {
				const [url, calls] = next, frame = document.createElement("iframe");
				frame.src = url;
				await new Promise((loaded) => { frame.onload = loaded; document.body.append(frame); });
				await new Promise((answered) => {
					const hear = ({source, data}) => {
						if (source !== frame.contentWindow) return;
						removeEventListener("message", hear);
						answered(Object.assign(answers, Object.fromEntries(data)));
					};
					addEventListener("message", hear);
					frame.contentWindow.postMessage(calls, "*");
				});
				frame.remove();
			}
		};
		await Promise.all(Array.from({length: 6}, work));
		return answers;
	})()`
}

// judge holds what the page got, and what the server was sent, against the case
// and against the engine.
func (s *stage) judge(t *testing.T, browser string, c *call, a answer, profile fetch.Profile) {
	t.Helper()
	if a.OK != (c.c.Want == corstest.Allow) {
		t.Errorf("%s: %s: the page gets %+v", c.policy, c.c.Name, a)
		return
	}
	for _, name := range c.c.Reads {
		if !slices.Contains(a.Read, strings.ToLower(name)) {
			t.Errorf("%s: %s: the page does not read %s but %q", c.policy, c.c.Name, name, a.Read)
		}
	}
	for _, name := range c.c.Hides {
		if slices.Contains(a.Read, strings.ToLower(name)) {
			t.Errorf("%s: %s: the page reads %s", c.policy, c.c.Name, name)
		}
	}
	want := c.sent(t, profile)
	s.mu.Lock()
	got := s.seen[browser+" "+c.id]
	s.mu.Unlock()
	if !maps.Equal(got, want) {
		t.Errorf("%s: %s: the server was sent %v, by the engine %v", c.policy, c.c.Name, got, want)
	}
}

// sent is what the engine sends.
func (c *call) sent(t *testing.T, profile fetch.Profile) map[string]bool {
	t.Helper()
	agent := fetch.Agent{Profile: profile, Transport: fetch.Handler(c.handler)}
	v := agent.Fetch(t.Context(), c.c.Request)
	sent := make(map[string]bool)
	for _, x := range v.Exchanges {
		if x.Preflight {
			sent["preflight"] = true
		} else {
			sent["request"] = true
		}
	}
	if v.OK() != (c.c.Want == corstest.Allow) {
		t.Errorf("%s: %s: the engine disagrees: %v", c.policy, c.c.Name, v.Failure)
	}
	return sent
}

package explain

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// TestWhatIsSaidIsRead: whatever explain says a browser prints, package pasted
// reads, and takes for the same failure. Two tables of sentences would else drift
// apart.
func TestWhatIsSaidIsRead(t *testing.T) {
	t.Parallel()
	for _, f := range slices.Concat(preflightFaults, originFaults, statusFaults, callFaults) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			q := f.ask
			q.NoProbes, q.ShowSecrets = true, true
			if q.Request.Origin == "" {
				q.Request.Origin = app
			}
			if f.serve != nil {
				q.Request.URL = start(t, f.serve).URL + "/x" + q.Request.URL
			}
			i := newInquiry(q)
			defer i.agent.Close()
			i.fetch(t.Context())
			i.compare()
			for _, o := range i.others {
				if o.OK() || o.Profile == "standard" || o.isUnknown {
					continue
				}
				if said := i.lines(&o.Verdict, 0); len(said) > 0 {
					readBack(t, &o.Verdict, said)
				}
			}
		})
	}
}

func readBack(t *testing.T, v *fetch.Verdict, said []string) {
	t.Helper()
	p, err := pasted.Parse([]byte(strings.Join(said, "\n")))
	if err != nil {
		t.Errorf("%s: %v\n%s", v.Profile, err, strings.Join(said, "\n"))
		return
	}
	m := p.Messages[0]
	if len(p.Messages) > 1 {
		t.Errorf("%s: %d messages are read of one failure:\n%s", v.Profile, len(p.Messages), strings.Join(said, "\n"))
	}
	if m.Browser != v.Profile {
		t.Errorf("%s is taken for %s:\n%s", v.Profile, m.Browser, strings.Join(said, "\n"))
	}
	if m.Kind != v.Kind() && m.Kind != "" && !slices.Contains(m.Also, v.Kind()) {
		t.Errorf("%s: %s is read as %s:\n%s", v.Profile, v.Kind(), m.Kind, strings.Join(said, "\n"))
	}
	if m.Kind == "" && v.Kind().Family() == fetch.CORS && said[0] != "" && !strings.Contains(said[0], "did not succeed") {
		t.Errorf("%s: %s is read as nothing:\n%s", v.Profile, v.Kind(), strings.Join(said, "\n"))
	}
}

// TestOldWordings: a version that is bounded gets its own text.
func TestOldWordings(t *testing.T) {
	t.Parallel()
	q := call("GET")
	q.Request.Origin, q.Request.URL, q.NoProbes = app, start(t, bare).URL, true
	i := newInquiry(q)
	defer i.agent.Close()
	i.fetch(t.Context())
	for version, want := range map[int]bool{0: false, 120: true, 155: true, 156: false, 160: false} {
		if got := strings.Contains(i.lines(&i.verdict, version)[0], "If an opaque response"); got != want {
			t.Errorf("version %d: the remark is there: %v", version, got)
		}
	}
}

func TestMessagesAreSound(t *testing.T) {
	t.Parallel()
	for _, messages := range [][]message{chromeChecks, chromeRemarks, chromeMessages, firefoxReasons, firefoxMessages, safariMessages} {
		for n, m := range messages {
			if m.until != 0 && m.since > m.until || m.kind.Family() == "" {
				t.Errorf("%+v is never printed", m)
			}
			for _, before := range messages[:n] {
				if before.kind == m.kind && before.place == anywhere && (before.schemes == "" || before.schemes == m.schemes) && before.since == 0 && before.until == 0 {
					t.Errorf("%q is never reached: %q fits before", m.text, before.text)
				}
			}
		}
	}
}

package enforcertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
)

// eager sets headers before the handler runs, echoes what it is asked for, and
// looks at no rule: many a server's way.
func eager(t testing.TB, rules []corsac.Rule, upstream http.Handler) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("Origin"), "example.com") {
			w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			w.Header().Set("Access-Control-Expose-Headers", "TotalItemsCount")
			w.Header().Set("Vary", "Origin")
		}
		if r.Method == "OPTIONS" {
			return
		}
		upstream.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestTrialsCanFail: what a careless server gets wrong is found, and what it
// gets right is not.
func TestTrialsCanFail(t *testing.T) {
	t.Parallel()
	tests := []struct {
		trials []Trial
		name   string
		faults []string // what each begins with, but for the last, which shows the exchange
	}{
		{answers(), "GET, origin allowed", nil},
		{answers(), "GET, origin not allowed", []string{"Vary lists"}},
		{answers(), "preflight, origin allowed", []string{"status 200", "CORS headers", "Vary lists"}},
		{handlers(), "sets before, origin not allowed", []string{"CORS headers", "Vary lists"}},
		{handlers(), "adds to what may be there, origin allowed", []string{"CORS headers"}},
		{handlers(), "clears all, origin allowed", []string{"CORS headers", "Vary lists"}},
		{varying(), "one name, origin allowed", nil},
		{originValues(), "GET from https://evil-app.example.com", []string{"CORS headers"}},
		{originValues(), "POST from https://example.org", []string{"status 200", "Vary lists", "the request reached"}},
		{questions(), "OPTIONS without a method line, origin allowed", []string{"Vary lists", `body "" does not contain`, "the request reached"}},
		{statuses(), "103 before the answer, origin allowed", []string{"CORS headers", "Vary lists", "CORS headers", "CORS headers"}},
		{webSockets(), "another page", []string{"status 101", "Vary lists", "the request reached"}},
		{webSockets(), "another page, not refused", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			faults := attemptOnce(t, eager, find(t, tt.trials, tt.name))
			if len(faults) > 0 {
				faults = faults[:len(faults)-1]
			}
			if !slices.EqualFunc(faults, tt.faults, strings.HasPrefix) {
				t.Errorf("faults %q, want %q", faults, tt.faults)
			}
		})
	}
}

func attemptOnce(t *testing.T, start Start, trial Trial) (faults []string) {
	s := stand{t: t, start: start}
	scheme, address := s.where(trial.Rules)
	return s.try(trial, scheme, address)
}

func find(t *testing.T, trials []Trial, name string) Trial {
	t.Helper()
	i := slices.IndexFunc(trials, func(trial Trial) bool { return trial.Name == name })
	if i < 0 {
		t.Fatalf("no trial %q", name)
	}
	return trials[i]
}

func TestTrialsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, s := range sections() {
		for _, trial := range s.trials {
			name := s.name + "/" + trial.Name
			if seen[name] {
				t.Errorf("two trials %q", name)
			}
			seen[name] = true
		}
	}
}

// TestTrialsAreStrict: an answer of any status may not also demand one form.
func TestTrialsAreStrict(t *testing.T) {
	t.Parallel()
	for _, s := range sections() {
		for _, trial := range s.trials {
			if trial.Want.Status == 0 && !trial.Want.Loose {
				t.Errorf("%s/%s: any status, but not loose", s.name, trial.Name)
			}
			if _, err := corsac.New(trial.Rules...); err != nil {
				t.Errorf("%s/%s: %v", s.name, trial.Name, err)
			}
		}
	}
}

// TestHTTP2Head: the lines that make an HTTP/1.1 request make an HTTP/2 one.
func TestHTTP2Head(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Echo"] = append([]string{r.Proto, r.Method, r.URL.Path, r.Host}, r.Header["Origin"]...)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	defer server.Close()
	got, err := exchange("h2c", server.Listener.Addr().String(), request("PATCH /a/b", "Host: h.example", "Origin: a", "ORIGIN: b"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"x-echo: HTTP/2.0", "x-echo: PATCH", "x-echo: /a/b", "x-echo: h.example", "x-echo: a", "x-echo: b"}
	lines := slices.DeleteFunc(got.lines, func(l string) bool { return !strings.HasPrefix(l, "x-echo") })
	if got.status != 200 || !slices.Equal(lines, want) {
		t.Errorf("%d %q, want %q", got.status, lines, want)
	}
}

// rowsInNotes is how many there are in the notes, section by section: none may
// get lost.
const rowsInNotes = 17 + 24 + 4 + 9 + 6 + 11 + 17

func TestEveryRowIsAccountedFor(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	replayed, notOurs := 0, 0
	for _, row := range Rows() {
		if seen[row.ID] {
			t.Errorf("two rows %q", row.ID)
		}
		seen[row.ID] = true
		isReplayed := len(row.Trials) > 0 || len(row.Refused) > 0
		switch {
		case isReplayed == (row.NotOurs != ""):
			t.Errorf("%s: replayed: %t, but why not: %q", row.ID, isReplayed, row.NotOurs)
		case isReplayed:
			replayed++
		default:
			notOurs++
		}
		if row.Where == "" || row.Happened == "" {
			t.Errorf("%s: where, and what happened?", row.ID)
		}
	}
	if len(seen) != rowsInNotes {
		t.Errorf("%d rows, %d of them replayed and %d not ours; want %d", len(seen), replayed, notOurs, rowsInNotes)
	}
	for _, name := range []string{"../../README.md", "../../CHANGELOG.md"} {
		text, err := os.ReadFile(name)
		if told := fmt.Sprintf(" %d published ", replayed); err != nil || !strings.Contains(string(text), told) {
			t.Errorf("%s does not say%sfaults (%v)", name, told, err)
		}
	}
}

func TestReplayTrialsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, row := range Rows() {
		seen := make(map[string]bool)
		for _, trial := range row.Trials {
			if seen[trial.Name] {
				t.Errorf("%s: two trials %q", row.ID, trial.Name)
			}
			seen[trial.Name] = true
			if trial.Want.Status == 0 && !trial.Want.Loose {
				t.Errorf("%s/%s: any status, but not loose", row.ID, trial.Name)
			}
		}
	}
}

package lab_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

func TestFind(t *testing.T) {
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "google-chrome"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	for _, tt := range []struct{ name, component, want, err string }{
		{"in PATH", "chromium", filepath.Join(bin, "google-chrome"), ""},
		{"not installed", "firefox", "", "firefox is not installed: apt-get install firefox-esr"},
		{"unknown", "fierfox", "", `unknown component "fierfox": the lab knows apache, `},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path, err := lab.Find(tt.component)
			if path != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.HasPrefix(err.Error(), tt.err) {
				t.Errorf("Find(%q) = %q, %v", tt.component, path, err)
			}
		})
	}
}

// Debian keeps nginx in sbin and PostgreSQL out of every PATH.
func TestFindOutsidePath(t *testing.T) {
	lab.Need(t, "nginx", "postgres")
	t.Setenv("PATH", "/usr/bin:/bin")
	for _, component := range []string{"nginx", "postgres"} {
		path := lab.Path(t, component)
		if out, err := exec.Command(path, "-V").CombinedOutput(); err != nil || !strings.Contains(string(out), component[:5]) {
			t.Errorf("%s -V: %v, %s", path, err, out)
		}
	}
}

// judged is a test that tells how it ended.
type judged struct {
	testing.TB
	skipped, failed string
}

func (j *judged) Helper()           {}
func (j *judged) Skip(args ...any)  { j.skipped = fmt.Sprint(args...); runtime.Goexit() }
func (j *judged) Fatal(args ...any) { j.failed = fmt.Sprint(args...); runtime.Goexit() }

func TestNeed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	const missing = "firefox is not installed: apt-get install firefox-esr"
	for _, tt := range []struct {
		name, all, component string
		want                 judged
	}{
		{"skips", "", "firefox", judged{skipped: missing}},
		{"fails in a complete run", "1", "firefox", judged{failed: missing}},
		{"never skips a mistake", "", "fierfox", judged{failed: `unknown component "fierfox"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("CORSAC_TEST_ALL", tt.all)
			var got judged
			done := make(chan struct{})
			go func() {
				defer close(done)
				lab.Need(&got, tt.component)
				t.Error("Need returned")
			}()
			<-done
			if got.skipped != tt.want.skipped || !strings.HasPrefix(got.failed, tt.want.failed) || (got.failed == "") != (tt.want.failed == "") {
				t.Errorf("skipped %q, failed %q; want %+v", got.skipped, got.failed, tt.want)
			}
		})
	}
}

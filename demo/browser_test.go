package demo

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOpener(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, system string
		env          []string
		want         []string
	}{
		{"macOS", "darwin", nil, []string{"open"}},
		{"Windows", "windows", nil, []string{"rundll32", "url.dll,FileProtocolHandler"}},
		{"Linux with X", "linux", []string{"DISPLAY"}, []string{"xdg-open"}},
		{"Linux with Wayland", "linux", []string{"WAYLAND_DISPLAY"}, []string{"xdg-open"}},
		{"Linux without a screen", "linux", nil, nil},
		{"FreeBSD without a screen", "freebsd", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			getenv := func(name string) string {
				if slices.Contains(tt.env, name) {
					return ":0"
				}
				return ""
			}
			if got := opener(tt.system, getenv); !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestOpenBrowser(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems have other commands")
	}
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	t.Setenv("DISPLAY", ":0")
	if err := OpenBrowser("http://127.0.0.1:3000"); err == nil || err.Error() != "no browser was found" {
		t.Errorf("without xdg-open: error %v", err)
	}
	shown := filepath.Join(dir, "shown")
	script := "#!/bin/sh\nprintf %s \"$1\" > '" + shown + ".new'\n/bin/mv '" + shown + ".new' '" + shown + "'\n"
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := OpenBrowser("http://127.0.0.1:3000"); err != nil {
		t.Fatal(err)
	}
	for {
		url, err := os.ReadFile(shown)
		if err == nil {
			if got := strings.TrimSpace(string(url)); got != "http://127.0.0.1:3000" {
				t.Errorf("it shows %q", got)
			}
			return
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal(err)
		}
	}
}

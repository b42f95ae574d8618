package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// family is a program with two children: one is known by its process group only, and one has left that,
// as crash reporters do, and is known by its environment only.
const family = `env -i sleep 600 & setsid sleep 600 & echo "ready ."; wait`

func startFamily(ctx context.Context) (*process, error) {
	p, err := start(ctx, "/bin/sh", nil, func(string) ([]string, error) { return []string{"-c", family}, nil })
	if err == nil {
		p.out.await(ctx, regexp.MustCompile(`ready (\.)`), p.exited)
	}
	return p, err
}

func members(t *testing.T, p *process) int {
	t.Helper()
	if _, err := os.Stat(p.dir); err != nil {
		t.Fatal(err)
	}
	return len(living(p.cmd.Process.Pid, p.dir))
}

// mustVanish waits until there is neither a process nor the directory.
func mustVanish(t *testing.T, group int, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		left := living(group, dir)
		_, err := os.Stat(dir)
		if len(left) == 0 && errors.Is(err, fs.ErrNotExist) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("left: processes %v, directory %s (%v)", left, dir, err)
		}
	}
}

func TestProcessLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(p *process, cancel func()){
		"closed":       func(p *process, _ func()) { p.close() },
		"context done": func(_ *process, cancel func()) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			p, err := startFamily(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if n := members(t, p); n < 3 { // more while setsid forks
				t.Fatalf("%d processes, want 3", n)
			}
			end(p, cancel)
			mustVanish(t, p.cmd.Process.Pid, p.dir)
			p.close() // once more is harmless
			cancel()
		})
	}
}

// TestMain is the process that dies when TestProcessOutlived runs it again.
func TestMain(m *testing.M) {
	how := os.Getenv("CORSAC_LAB_DIE")
	if how == "" {
		os.Exit(m.Run())
	}
	p, err := startFamily(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println(p.cmd.Process.Pid, p.dir)
	if how == "panic" {
		panic("a panic that no test can clean up after")
	}
	select {}
}

func TestProcessOutlived(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"panic", "killed"} {
		t.Run(how, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "CORSAC_LAB_DIE="+how)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line, _ := bufio.NewReader(out).ReadString('\n')
			if how == "killed" {
				cmd.Process.Kill()
			}
			cmd.Wait()
			var group int
			var dir string
			if _, err := fmt.Sscan(line, &group, &dir); err != nil {
				t.Fatalf("it printed %q: %v", line, err)
			}
			mustVanish(t, group, dir)
		})
	}
}

func TestBrowserLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"chromium", "firefox"} {
		t.Run(name, func(t *testing.T) {
			Need(t, name)
			b, err := Start(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(b.Close)
			page, err := b.NewPage(t.Context(), "about:blank")
			if err != nil {
				t.Fatal(err)
			}
			var p *process
			switch e := b.engine.(type) {
			case *chromium:
				p = e.process
			case *firefox:
				p = e.process
			}
			if n := members(t, p); n < 3 {
				t.Fatalf("%d processes, want a browser's", n)
			}
			b.Close()
			mustVanish(t, p.cmd.Process.Pid, p.dir)
			if err := page.Wait(t.Context(), "true"); !errors.Is(err, errGone) {
				t.Errorf("waiting in a closed browser: %v", err)
			}
			if _, err := b.NewPage(t.Context(), "about:blank"); err == nil {
				t.Error("a closed browser opened a page")
			}
		})
	}
}

func TestBrowserThatDoesNotStart(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	if err := os.WriteFile(bin+"/chromium", []byte("#!/bin/sh\necho no display today\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t.Context(), "chromium", nil)
	hasty, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.NewPage(hasty, "about:blank"); !errors.Is(err, context.Canceled) {
		t.Errorf("in no time: %v", err)
	}
	_, err := b.NewPage(t.Context(), "about:blank")
	if err == nil || !strings.Contains(err.Error(), "starting chromium: it ended") || !strings.Contains(err.Error(), "no display today") {
		t.Errorf("afterwards: %v", err)
	}
}

//go:build unix

package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A process is a program and all its children, in a process group and a directory of their own. When it
// ends, nothing of either is left.
type process struct {
	dir    string
	cmd    *exec.Cmd
	out    output        // the last of what it printed
	exited chan struct{} // closed when the program itself has ended
	guard  *guard
	close  func() // ends it; may be called often and from anywhere
}

// start makes the directory, lets prepare furnish it and say the arguments, and runs the program there.
// The directory is its home and its place for temporary files too. It ends when close is called, when
// ctx is done, or when this process is no more.
func start(ctx context.Context, path string, env []string, prepare func(dir string) (args []string, err error)) (*process, error) {
	dir, err := os.MkdirTemp("", "corsac-lab-")
	if err != nil {
		return nil, err
	}
	p := &process{dir: dir, exited: make(chan struct{})}
	if err := p.run(path, env, prepare); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	end := sync.OnceFunc(p.end)
	forget := context.AfterFunc(ctx, end)
	p.close = func() { forget(); end() }
	return p, nil
}

func (p *process) run(path string, env []string, prepare func(string) ([]string, error)) error {
	args, err := prepare(p.dir)
	if err != nil {
		return err
	}
	p.cmd = exec.Command(path, args...)
	p.cmd.Dir = p.dir
	// Browsers write below the home and the temporary directory whatever their profile is.
	p.cmd.Env = slices.Concat(os.Environ(), env, []string{
		"HOME=" + p.dir, "TMPDIR=" + p.dir, "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=", "XDG_DATA_HOME="})
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = 5 * time.Second // should a child that left the group hold the pipe
	if p.guard, err = newGuard(p.dir); err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		p.guard.release()
		return err
	}
	p.guard.watch(p.cmd.Process.Pid)
	go func() {
		p.cmd.Wait() // an error always: it is killed
		close(p.exited)
	}()
	return nil
}

func (p *process) end() {
	group := p.cmd.Process.Pid
	syscall.Kill(-group, syscall.SIGKILL)
	// Not all are ours to wait for, and some left the group, as crash reporters do.
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		left := living(group, p.dir)
		if len(left) == 0 {
			break
		}
		for _, pid := range left {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	<-p.exited
	os.RemoveAll(p.dir)
	p.guard.release()
}

// living returns the processes of the group, and those outside of it whose environment has this home.
// Without /proc there are none: the group was killed, and that is all one can do.
func living(group int, home string) (pids []int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		stat, _ := os.ReadFile(dir + "/stat")
		// pid (name) state ppid pgrp …, where the name may hold anything, parentheses too.
		f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(f) < 3 || f[0] == "Z" || f[0] == "X" { // dead; in many containers process 1 waits for nobody
			continue
		}
		environ, _ := os.ReadFile(dir + "/environ")
		if f[2] == strconv.Itoa(group) || bytes.Contains(environ, []byte("HOME="+home+"\x00")) {
			pid, _ := strconv.Atoi(filepath.Base(dir))
			pids = append(pids, pid)
		}
	}
	return pids
}

// A guard is a small shell that outlives this process, should it die without a chance to clean up (a
// panic outside a test's goroutine, a test timeout, SIGKILL), and ends the group in its place. It
// notices by the end of its standard input.
type guard struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
}

const guardScript = `read -r group || exit 0
read -r word
[ "$word" = released ] && exit 0
kill -KILL "-$group" 2>/dev/null
for environ in $(grep -lszxF "HOME=$1" /proc/[0-9]*/environ); do
	pid=${environ#/proc/}
	kill -KILL "${pid%/environ}"
done
for i in 1 2 3 4 5 6 7 8 9 10; do
	rm -rf -- "$1" 2>/dev/null
	sleep 0.2
	[ -e "$1" ] || exit 0
done`

func newGuard(dir string) (*guard, error) {
	g := &guard{cmd: exec.Command("/bin/sh", "-c", guardScript, "guard", dir)}
	g.cmd.Dir, g.cmd.Env = "/", []string{"PATH=/usr/bin:/bin"}
	g.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // out of the reach of a Ctrl-C
	var err error
	if g.stdin, err = g.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	return g, g.cmd.Start()
}

func (g *guard) watch(group int) { fmt.Fprintln(g.stdin, group) }

func (g *guard) release() {
	io.WriteString(g.stdin, "released\n") // taken for a group, and at its end, when nothing was watched
	g.stdin.Close()
	g.cmd.Wait()
}

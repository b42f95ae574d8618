package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a server that runs on one core, in a directory that goes with it.
type process struct {
	name  string
	addr  string
	cmd   *exec.Cmd
	dir   string
	ended chan struct{}   // closed when it has
	said  strings.Builder // to be read after that
}

// start runs a program on one core. Conf is written to the file conf in the
// process's directory, which is where the program runs; it answers at addr.
func start(ctx context.Context, core int, name, addr, conf string, command ...string) (*process, error) {
	dir, err := os.MkdirTemp("", "corsac-bench-")
	if err != nil {
		return nil, err
	}
	p := &process{name: name, addr: addr, dir: dir}
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(conf), 0o600); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	p.cmd = exec.CommandContext(ctx, "taskset", append([]string{"-c", strconv.Itoa(core)}, command...)...)
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	p.cmd.WaitDelay = 5 * time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	p.ended = make(chan struct{})
	go func() {
		p.cmd.Wait() // says "signal: terminated", or what is in said
		close(p.ended)
	}()
	if err := p.await(ctx); err != nil {
		err = errors.Join(err, p.stop())
		return nil, fmt.Errorf("starting %s: %w; it said: %s", name, err, p.said.String())
	}
	return p, nil
}

// await returns when the process accepts connections.
func (p *process) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", p.addr)
		if err == nil {
			return c.Close()
		}
		select {
		case <-p.ended:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the process, and removes its directory.
func (p *process) stop() error {
	if p.ended != nil {
		p.cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(5*time.Second, func() { p.cmd.Process.Kill() })
		<-p.ended
		kill.Stop()
	}
	return os.RemoveAll(p.dir)
}

// cpu is the processor time that the process has used. The kernel counts it in
// hundredths of a second.
//
// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The second field is the name in parentheses, with whatever is in it.
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	const utime, stime = 11, 12
	if len(fields) <= stime {
		return 0, fmt.Errorf("%q is no line of /proc/pid/stat", stat)
	}
	user, err1 := strconv.Atoi(fields[utime])
	kernel, err2 := strconv.Atoi(fields[stime])
	return time.Duration(user+kernel) * 10 * time.Millisecond, errors.Join(err1, err2)
}

// free returns an address that nobody listens on.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

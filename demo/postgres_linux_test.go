package demo

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/internal/lab"
)

// A postgresServer is a real PostgreSQL for one test, in a directory of its own and reached by a socket
// in it, so that it needs no port.
type postgresServer struct {
	bin, dir string
	owner    *syscall.SysProcAttr
	log      safeBuffer
	made     atomic.Int32
}

// postgres starts a server, which ends with the test.
func postgres(t *testing.T) *postgresServer {
	t.Helper()
	p := &postgresServer{bin: filepath.Dir(realPath(t, lab.Path(t, "postgres")))}
	dir, err := os.MkdirTemp("", "corsac-pg-") // t.TempDir is closed to other users, and too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	p.dir = dir
	t.Cleanup(func() { os.RemoveAll(dir) })
	p.becomeUnprivileged(t)
	data := filepath.Join(dir, "data")
	init := p.command("initdb", "-D", data, "-U", "demo", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	if err := init.Run(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, p.log.String())
	}
	p.start(t, p.command("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off"))
	return p
}

func realPath(t *testing.T, path string) string {
	t.Helper()
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return real
}

// becomeUnprivileged gives the directory to somebody else when we are root, whom PostgreSQL refuses.
func (p *postgresServer) becomeUnprivileged(t *testing.T) {
	t.Helper()
	// Should this process die without a chance to clean up, the server ends as well.
	p.owner = &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT, Setpgid: true}
	if os.Geteuid() != 0 {
		return
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	if err := os.Chown(p.dir, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
	p.owner.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (p *postgresServer) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = p.dir, p.owner
	cmd.Stdout, cmd.Stderr = &p.log, &p.log
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	return cmd
}

func (p *postgresServer) start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	started, exited := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // Pdeathsig means the death of the thread
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
		close(exited)
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGINT) // a fast shutdown: it does not wait for clients
		<-exited
		if t.Failed() {
			t.Logf("PostgreSQL printed:\n%s", p.log.String())
		}
	})
	p.await(t, exited)
}

func (p *postgresServer) await(t *testing.T, exited <-chan struct{}) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := p.admin(t, "SELECT 1")
		if err == nil {
			return
		}
		select {
		case <-exited:
			t.Fatalf("PostgreSQL ended at once (%v):\n%s", err, p.log.String())
		case <-t.Context().Done():
			t.Fatal(err)
		case <-again.C:
		}
	}
}

func (p *postgresServer) admin(t *testing.T, statement string) error {
	db, err := sql.Open("pgx", p.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.ExecContext(context.Background(), statement)
	return err
}

func (p *postgresServer) url(database string) string {
	return "postgres:///" + database + "?user=demo&host=" + url.QueryEscape(p.dir)
}

// database makes an empty database and returns its URL.
func (p *postgresServer) database(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("test%d", p.made.Add(1))
	if err := p.admin(t, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return p.url(name)
}

// A safeBuffer may be read while a process writes it.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

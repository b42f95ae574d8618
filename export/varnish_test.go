package export

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/internal/lab"
)

// varnishMain is what a person would have: the export comes first.
const varnishMain = `vcl 4.1;
include "DIR/corsac.vcl";
backend default { .host = "HOST"; .port = "PORT"; }
backend down { .host = "127.0.0.1"; .port = "1"; }
sub vcl_recv {
	if (req.url ~ "^/down/") {
		set req.backend_hint = down;
	}
	AUTH
}
`

func TestVarnish(t *testing.T) {
	lab.Need(t, "varnish")
	pool := &varnishPool{t: t}
	prove(t, varnish, pool.start)
}

// A varnishPool is some servers that take turns: a policy is a VCL to be loaded,
// which takes less than to start.
type varnishPool struct {
	t    testing.TB
	mu   sync.Mutex
	idle []*varnishServer
	n    int
}

type varnishServer struct{ address, dir string }

func (p *varnishPool) start(t testing.TB, s stand) string {
	v := p.take()
	t.Cleanup(func() { p.give(v) })
	p.mu.Lock()
	p.n++
	name := fmt.Sprintf("vcl%d", p.n)
	p.mu.Unlock()
	dir := t.TempDir()
	if _, err := writeFiles(dir, s.Export); err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(strings.TrimPrefix(s.api, "http://"))
	auth := ""
	if s.auth {
		auth = "return (synth(401));"
	}
	text := strings.NewReplacer("DIR", dir, "HOST", host, "PORT", port, "AUTH", auth).Replace(varnishMain)
	main := filepath.Join(dir, "main.vcl")
	if err := os.WriteFile(main, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	v.do(t, "vcl.load", name, main)
	v.do(t, "vcl.use", name)
	v.do(t, "ban", "req.url ~ .")
	return "http://" + v.address
}

func (v *varnishServer) do(t testing.TB, command ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	admin := filepath.Join(filepath.Dir(lab.Path(t, "varnish")), "..", "bin", "varnishadm")
	if out, err := exec.CommandContext(ctx, admin, append([]string{"-n", v.dir}, command...)...).CombinedOutput(); err != nil {
		t.Fatalf("varnishadm %q: %v: %s", command, err, out)
	}
}

func (p *varnishPool) take() *varnishServer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		v := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return v
	}
	return p.run()
}

func (p *varnishPool) give(v *varnishServer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, v)
}

// run starts another server. Its compiler may be quick rather than thorough.
func (p *varnishPool) run() *varnishServer {
	v := &varnishServer{address: lab.FreeAddress(p.t)}
	lab.Serve(p.t, v.address, "varnish", func(dir string) ([]string, error) {
		v.dir = dir
		return []string{"-F", "-j", "none", "-n", dir, "-a", v.address, "-b", "127.0.0.1:1", "-s", "malloc,16m",
			"-p", "cc_command=exec gcc -O0 -fpic -shared -o %o %s"}, nil
	})
	return v
}

// FuzzVarnish: whatever a policy holds, Varnish reads the same words as for a
// policy in which nothing has a meaning to it, but for what strings say.
func FuzzVarnish(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, plain := hostilePolicies(t, path, method, name)
		got, want := vclShape(varnish.Export(p, source).Text()), vclShape(varnish.Export(plain, "corsac.yaml").Text())
		if got != want {
			t.Errorf("Varnish reads\n%s\nand not\n%s", got, want)
		}
	})
}

var vclToken = regexp.MustCompile(`(?s)#[^\n]*|\{".*?"\}|"[^"\n]*"`)

// vclShape is a text without its comments, with a place-holder for each string.
func vclShape(text string) string {
	return vclToken.ReplaceAllStringFunc(text, func(token string) string {
		if token[0] == '#' {
			return ""
		}
		return `"_"`
	})
}

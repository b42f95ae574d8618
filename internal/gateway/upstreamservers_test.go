package gateway_test

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/internal/lab"
)

// startUpstream starts a program with testdata/upstreams in its directory. In the
// names of arguments and in its configuration, words stand for what is not known
// before.
func startUpstream(t testing.TB, program string, words []string, conf string, args ...string) (url string) {
	t.Helper()
	address := lab.FreeAddress(t)
	host, port, _ := net.SplitHostPort(address)
	lab.Serve(t, address, program, func(dir string) ([]string, error) {
		fill := strings.NewReplacer(append(words, "ADDRESS", address, "HOST", host, "PORT", port, "DIR", dir)...).Replace
		for i := range args {
			args[i] = fill(args[i])
		}
		return args, furnish(dir, conf, fill)
	})
	return "http://" + address
}

// furnish makes files older than they are, for Apache calls their tags weak for a
// second. Servers may read them as somebody else.
func furnish(dir, conf string, fill func(string) string) error {
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	if err := os.CopyFS(dir, os.DirFS("testdata/upstreams")); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "www", "large.txt"), bytes.Repeat([]byte("0123456789abcdef"), large/16), 0o644); err != nil {
		return err
	}
	old := time.Now().Add(-time.Hour)
	names, err := filepath.Glob(filepath.Join(dir, "www", "*"))
	for _, name := range names {
		if err == nil {
			err = os.Chtimes(name, old, old)
		}
	}
	if err != nil || conf == "" {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, conf))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, conf), []byte(fill(string(text))), 0o644)
}

func startPHP(t testing.TB) string {
	return startUpstream(t, "php", nil, "", "-S", "ADDRESS", "index.php")
}

func startNode(t testing.TB) string {
	return startUpstream(t, "node", nil, "", "node.js", "HOST", "PORT")
}

func startPython(kind string) func(testing.TB) string {
	return func(t testing.TB) string {
		if kind == "uvicorn" {
			lab.Need(t, kind)
		}
		return startUpstream(t, "python", nil, "", "-B", "app.py", kind, "HOST", "PORT")
	}
}

func startLighttpd(t testing.TB) string {
	return startUpstream(t, "lighttpd", nil, "lighttpd.conf", "-D", "-f", "lighttpd.conf")
}

func startHAProxy(t testing.TB) string {
	lab.Need(t, "haproxy")
	api := strings.TrimPrefix(startNode(t), "http://")
	return startUpstream(t, "haproxy", []string{"API", api}, "haproxy.cfg", "-db", "-f", "haproxy.cfg")
}

func startApache(t testing.TB) string {
	words := []string{"MODULES", "/usr/lib/apache2/modules", "USER", ""}
	if os.Geteuid() == 0 { // which Apache does not serve as
		words[3] = "User www-data\nGroup www-data"
	}
	return startUpstream(t, "apache", words, "apache.conf", "-DFOREGROUND", "-f", "DIR/apache.conf")
}

func startNginxWithFiles(t testing.TB) string { return startNginxThatKeeps(t, "5s") }

func startNginxThatKeeps(t testing.TB, connections string) string {
	conf, err := os.ReadFile("testdata/upstreams/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + lab.Nginx(t, strings.Replace(string(conf), "KEPT", connections, 1), map[string]string{
		"www/plain.txt": "hello\n", "www/nothing.txt": "", "www/folder/index.html": "", "www/large.txt": strings.Repeat("0123456789abcdef", large/16),
	})
}

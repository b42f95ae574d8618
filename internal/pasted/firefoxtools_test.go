package pasted_test

import (
	"archive/zip"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// firefoxCurl is the file of Firefox's developer tools that writes "Copy as
// cURL". It needs nothing else of Firefox's: Node.js runs it.
const firefoxCurl = "chrome/devtools/modules/devtools/client/shared/curl.js"

const copyAllOfFirefox = `
const fs = require('fs')
const made = {}
new Function('exports', 'Services', fs.readFileSync(process.argv[2], 'utf8'))(made, { appinfo: { OS: 'Linux' } })
const all = JSON.parse(fs.readFileSync(process.argv[3], 'utf8')).map(s => {
	const data = { url: s.url, method: s.method, headers: s.headers.map(([name, value]) => ({ name, value })), responseHeaders: [], httpVersion: 'HTTP/2', postDataText: s.body ?? '' }
	return { bash: made.Curl.generateCommand(data, 'Linux'), cmd: made.Curl.generateCommand(data, 'WINNT') }
})
console.log(JSON.stringify(all))
`

// TestFirefoxToolsAreRead does with Firefox's own code what TestDevToolsAreRead
// does with Chromium's. Its two forms of curl write what is beyond ASCII in a way
// that no shell reads back, so there is none of it here.
func TestFirefoxToolsAreRead(t *testing.T) {
	t.Parallel()
	lab.Need(t, "firefox", "node")
	dir := t.TempDir()
	specimens := specimensOf(rand.New(rand.NewPCG(2026, 153)), 400)
	for i := range specimens {
		if s := &specimens[i]; s.Body != nil {
			ascii := inASCII(*s.Body)
			s.Body = &ascii
			if s.Method == "DELETE" && s.contentType() != "application/x-www-form-urlencoded" {
				s.Method = "PUT" // with others, Firefox leaves the body out
			}
		}
	}
	given, err := json.Marshal(specimens)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"curl.js": firefoxFile(t, firefoxCurl), "given.json": given, "copy.js": []byte(copyAllOfFirefox)} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), lab.Path(t, "node"), filepath.Join(dir, "copy.js"), filepath.Join(dir, "curl.js"), filepath.Join(dir, "given.json"))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("Firefox's tools have changed: %v", err)
	}
	var all []copied
	if err := json.Unmarshal(out, &all); err != nil || len(all) != len(specimens) {
		t.Fatalf("%d of %d are copied: %v", len(all), len(specimens), err)
	}
	for i, c := range all {
		specimens[i].judge(t, pasted.CurlBash, c.Bash)
		specimens[i].judge(t, pasted.CurlCmd, c.Cmd)
	}
}

func (s *specimen) contentType() string {
	for _, h := range s.Headers {
		if h[0] == "Content-Type" {
			return h[1]
		}
	}
	return ""
}

// firefoxFile reads a file out of the archive that Firefox keeps its own in.
func firefoxFile(t *testing.T, name string) []byte {
	t.Helper()
	archives, _ := filepath.Glob("/usr/lib/firefox*/browser/omni.ja")
	if len(archives) == 0 {
		if os.Getenv("CORSAC_TEST_ALL") == "1" {
			t.Fatal("Firefox is there, and its archive is not where Debian has it")
		}
		t.Skip("Firefox's archive is not where Debian has it")
	}
	archive, err := zip.OpenReader(archives[0])
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	f, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil || !strings.Contains(string(text), "generateCommand") {
		t.Fatalf("%s: %v", name, err)
	}
	return text
}

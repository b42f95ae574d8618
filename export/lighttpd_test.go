package export

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

const lighttpdMain = `
server.bind = "127.0.0.1"
server.port = PORT
server.document-root = "DIR"
include "DIR/corsac.conf"
server.modules += ( "mod_auth", "mod_authn_file", "mod_proxy" )
$HTTP["url"] =~ "^/down/" {
	proxy.server = ( "" => ( ( "host" => "127.0.0.1", "port" => 1 ) ) )
} else $HTTP["url"] =~ "" {
	proxy.server = ( "" => ( ( "host" => "API", "port" => APIPORT ) ) )
}
`

const lighttpdAuth = `
auth.backend = "plain"
auth.backend.plain.userfile = "DIR/users"
auth.require = ( "" => ( "method" => "basic", "realm" => "api", "require" => "valid-user" ) )
`

func TestLighttpd(t *testing.T) {
	lab.Need(t, "lighttpd", "mod_magnet")
	prove(t, lighttpd, startLighttpd)
}

func startLighttpd(t testing.TB, s stand) string {
	address := lab.FreeAddress(t)
	lab.Serve(t, address, "lighttpd", func(dir string) ([]string, error) {
		text := lighttpdMain
		if s.auth {
			text += lighttpdAuth
		}
		for i := range s.Files {
			s.Files[i].Text = strings.ReplaceAll(s.Files[i].Text, lighttpdScript, filepath.Join(dir, "corsac.lua"))
		}
		if _, err := writeFiles(dir, s.Export); err != nil {
			return nil, err
		}
		_, port, _ := net.SplitHostPort(address)
		api, apiPort, _ := net.SplitHostPort(strings.TrimPrefix(s.api, "http://"))
		text = strings.NewReplacer("APIPORT", apiPort, "PORT", port, "DIR", dir, "API", api).Replace(text)
		if err := os.WriteFile(filepath.Join(dir, "users"), nil, 0o644); err != nil {
			return nil, err
		}
		conf := filepath.Join(dir, "lighttpd.conf")
		return []string{"-D", "-f", conf}, os.WriteFile(conf, []byte(text), 0o644)
	})
	return "http://" + address
}

// FuzzLighttpd: whatever a policy holds, Lua reads the same words as for a
// policy in which nothing has a meaning to it, but for what strings say.
func FuzzLighttpd(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, source, path, method, name string) {
		p, plain := hostilePolicies(t, path, method, name)
		e, like := lighttpd.Export(p, source), lighttpd.Export(plain, "corsac.yaml")
		for i := range e.Files {
			if got, want := luaShape(e.Files[i].Text), luaShape(like.Files[i].Text); got != want {
				t.Errorf("Lua reads\n%s\nand not\n%s", got, want)
			}
		}
	})
}

var luaToken = regexp.MustCompile(`(?s)--[^\n]*|#[^\n]*|\[=\[.*?\]=\]|"(?:[^"\\\n]|\\.)*"`)

// luaShape is a text without its comments, with a place-holder for each string.
func luaShape(text string) string {
	return luaToken.ReplaceAllStringFunc(text, func(token string) string {
		if token[0] == '"' || token[0] == '[' {
			return `"_"`
		}
		return ""
	})
}

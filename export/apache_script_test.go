package export

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

// apacheScript is an API as a script, whose headers Apache puts where those of
// errors are.
const apacheScript = `#!/bin/sh
echo "Content-Type: text/plain"
echo "X-Reached: $REQUEST_METHOD $REQUEST_URI"
if [ "$QUERY_STRING" != bare ]; then
	echo "Access-Control-Allow-Origin: https://wrong.example"
	echo "access-control-allow-credentials: true"
	echo "Access-Control-Expose-Headers: X-Wrong"
	echo "Vary: Accept-Encoding"
fi
echo
echo hello
`

const apacheScripts = apacheEvent + `
LoadModule alias_module MODULES/mod_alias.so
LoadModule cgid_module MODULES/mod_cgid.so
ScriptSock DIR/cgid.sock
ScriptAliasMatch ^ DIR/site/api
<Directory />
	AllowOverride None
</Directory>
<Directory DIR/site>
	AllowOverride FileInfo
</Directory>
`

// TestApacheScripts: what a script says in CORS headers does not count, though
// Apache does not keep it where it keeps what a proxy says.
func TestApacheScripts(t *testing.T) {
	t.Parallel()
	lab.Need(t, "apache")
	for _, c := range []struct {
		target Target
		file   string
		conf   string
	}{
		{apache, "corsac.conf", apacheScripts + "Include DIR/site/corsac.conf\n"},
		{htaccess, ".htaccess", apacheScripts},
	} {
		t.Run(c.target.Name, func(t *testing.T) {
			t.Parallel()
			mustKeep(t, c.target, func(t testing.TB, s stand) string {
				return serveApache(t, s, c.conf, func(dir string) error { return writeScript(dir, c.file, s) })
			}, func(p promise) bool { return p.feature == OwnHeaders || p.feature == Vary })
		})
	}
}

func writeScript(dir, file string, s stand) error {
	site := filepath.Join(dir, "site")
	if err := os.Mkdir(site, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(site, file), []byte(s.Text()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(site, "api"), []byte(apacheScript), 0o755)
}

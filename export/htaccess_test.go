package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

const htaccessHost = apacheEvent + `
<Directory />
	AllowOverride None
</Directory>
DocumentRoot DIR/site
<Directory DIR/site>
	AllowOverride FileInfo
	AUTH
</Directory>
`

// htaccessProxy is what follows: the site's own rules.
const htaccessProxy = `
RewriteRule ^down/ http://127.0.0.1:1/ [P,L]
RewriteRule (.*) API/$1 [P,L]
`

func TestHtaccess(t *testing.T) {
	lab.Need(t, "apache")
	prove(t, htaccess, startHtaccess)
	t.Run("preflights", func(t *testing.T) {
		t.Parallel()
		mustKeep(t, htaccess, startHtaccess, func(p promise) bool { return p.feature == Preflights && !p.auth })
	})
}

func startHtaccess(t testing.TB, s stand) string {
	return serveHtaccess(t, s, htaccessHost, htaccessProxy)
}

// serveHtaccess starts Apache with what follows its modules, and with .htaccess,
// in which the site's own rules follow the export.
func serveHtaccess(t testing.TB, s stand, conf, rules string) string {
	return serveApache(t, s, conf, func(dir string) error {
		site := filepath.Join(dir, "site")
		if err := os.Mkdir(site, 0o755); err != nil {
			return err
		}
		text := s.Text() + strings.ReplaceAll(rules, "API", s.api)
		return os.WriteFile(filepath.Join(site, ".htaccess"), []byte(text), 0o644)
	})
}

package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

const apacheConf = `
ServerRoot DIR
ServerName api.example.com
PidFile DIR/pid
DefaultRuntimeDir DIR
ErrorLog /dev/stderr
LogLevel warn
Listen ADDRESS
LoadModule authz_core_module MODULES/mod_authz_core.so
LoadModule authz_user_module MODULES/mod_authz_user.so
LoadModule authn_core_module MODULES/mod_authn_core.so
LoadModule authn_file_module MODULES/mod_authn_file.so
LoadModule auth_basic_module MODULES/mod_auth_basic.so
LoadModule setenvif_module MODULES/mod_setenvif.so
LoadModule headers_module MODULES/mod_headers.so
LoadModule rewrite_module MODULES/mod_rewrite.so
LoadModule proxy_module MODULES/mod_proxy.so
LoadModule proxy_http_module MODULES/mod_proxy_http.so
USER
`

const apacheEvent = `
LoadModule mpm_event_module MODULES/mod_mpm_event.so
StartServers 1
ServerLimit 2
ThreadLimit 25
ThreadsPerChild 25
MinSpareThreads 1
MaxRequestWorkers 50
`

const apacheHost = apacheEvent + `
<VirtualHost ADDRESS>
	Include DIR/corsac.conf
	ProxyPass /down/ http://127.0.0.1:1/
	ProxyPass / API/
	<Location />
		AUTH
	</Location>
</VirtualHost>
`

func TestApache(t *testing.T) {
	lab.Need(t, "apache")
	prove(t, apache, startApache)
}

func startApache(t testing.TB, s stand) string { return serveApache(t, s, apacheHost, nil) }

// serveApache starts Apache with what follows its modules. Furnish may put more
// into its folder.
func serveApache(t testing.TB, s stand, conf string, furnish func(dir string) error) string {
	address := lab.FreeAddress(t)
	lab.Serve(t, address, "apache", func(dir string) ([]string, error) {
		auth := ""
		if s.auth {
			auth = "AuthType Basic\nAuthName api\nAuthUserFile " + dir + "/users\nRequire valid-user"
		}
		user := ""
		if os.Geteuid() == 0 { // which Apache does not serve as
			user = "User www-data\nGroup www-data"
			if err := os.Chmod(dir, 0o755); err != nil {
				return nil, err
			}
		}
		if furnish != nil {
			if err := furnish(dir); err != nil {
				return nil, err
			}
		}
		text := strings.NewReplacer("ADDRESS", address, "DIR", dir, "AUTH", auth, "API", s.api, "USER", user,
			"MODULES", "/usr/lib/apache2/modules").Replace(apacheConf + conf)
		file := filepath.Join(dir, "httpd.conf")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return nil, err
		}
		_, err := writeFiles(dir, s.Export)
		return []string{"-DFOREGROUND", "-f", file}, err
	})
	return "http://" + address
}

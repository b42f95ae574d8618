package explain

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab"
)

// mendedBy asks a server that refuses everything and returns the configuration
// that explain writes for another, and the question.
func mendedBy(t *testing.T, server string) (config string, q Question) {
	t.Helper()
	q = call("DELETE", "X-A: 1", "Authorization: Bearer x")
	q.Request.Origin, q.Request.URL, q.Request.Credentials, q.Server = app, start(t, lines(401)).URL+"/x.php", fetch.CredentialsInclude, server
	config = strings.Join(Explain(t.Context(), q).Causes[0].Fix.Config, "\n")
	if config == "" {
		t.Fatal("there is no configuration")
	}
	q.Server, q.Send = "", true
	return config, q
}

// TestPHP runs a script without CORS, and with what is written for it.
func TestPHP(t *testing.T) {
	t.Parallel()
	php := lab.Path(t, "php")
	config, q := mendedBy(t, "php")
	run := func(script string) *Report {
		dir, address := t.TempDir(), freeAddress(t)
		writeFile(t, filepath.Join(dir, "x.php"), script)
		runServer(t, address, php, "-S", address, "-t", dir)
		q.Request.URL = "http://" + address + "/x.php"
		return Explain(t.Context(), q)
	}
	before := run("<?php echo 'hi';")
	fault{code: "CX-O01", tells: []string{"PHP, certain"}}.judge(t, before)
	if r := run("<?php\n" + config + "\necho 'hi';"); r.Answer != Readable {
		t.Errorf("%s\n%s", r.Text(Style{}), config)
	}
}

// TestApache does the same with Apache.
func TestApache(t *testing.T) {
	t.Parallel()
	apache := lab.Path(t, "apache")
	config, q := mendedBy(t, "apache")
	run := func(config string) *Report {
		dir, address := t.TempDir(), freeAddress(t)
		conf := strings.NewReplacer("DIR", dir, "ADDRESS", address).Replace(apacheConf)
		writeFile(t, filepath.Join(dir, "apache.conf"), conf+config+"\n")
		runServer(t, address, apache, "-d", dir, "-f", filepath.Join(dir, "apache.conf"), "-DFOREGROUND")
		q.Request.URL = "http://" + address + "/x.php"
		return Explain(t.Context(), q)
	}
	fault{code: "CX-O01", tells: []string{"Apache, likely"}}.judge(t, run(""))
	if r := run(config); r.Answer != Readable || r.Server.ID != "apache" {
		t.Errorf("%s\n%s", r.Text(Style{}), config)
	}
}

const apacheConf = `
PidFile DIR/pid
Mutex file:DIR
ErrorLog /dev/stderr
DocumentRoot /usr/share
ServerName localhost
User www-data
Group www-data
Listen ADDRESS
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
LoadModule setenvif_module /usr/lib/apache2/modules/mod_setenvif.so
LoadModule rewrite_module /usr/lib/apache2/modules/mod_rewrite.so
`

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

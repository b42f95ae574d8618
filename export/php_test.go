package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/policyfile"
)

// phpAPI is an application that answers as [serveAPI] does. What is down ends
// in an exception that nobody catches.
const phpAPI = `<?php
require 'corsac.php';
AUTH
parse_str(parse_url('http://h' . $_SERVER['REQUEST_URI'], PHP_URL_QUERY) ?? '', $query);
if (strpos($_SERVER['REQUEST_URI'], '/down/') === 0) {
	throw new Exception('down');
}
header('X-Reached: ' . $_SERVER['REQUEST_METHOD'] . ' ' . $_SERVER['REQUEST_URI']);
if (!isset($query['bare'])) {
	header('Access-Control-Allow-Origin: https://wrong.example');
	header('access-control-allow-credentials: true');
	header('Access-Control-Expose-Headers: X-Wrong');
	header('Access-Control-Expose-Headers: X-Wrong-Too', false);
	header('Vary: Accept-Encoding');
}
if (isset($query['lines'])) {
	header('Access-Control-Allow-Origin: *', false);
	header('Access-Control-Allow-Methods: GET');
	header('Vary: Cookie, ORIGIN', false);
}
header('ETag: "1"');
if (isset($query['memory'])) {
	ini_set('memory_limit', '8M');
	str_repeat('x', 1 << 26);
}
$status = (int) ($query['status'] ?? 200);
if ($status >= 300 && $status < 400 && $status !== 304) {
	header('Location: /elsewhere');
}
http_response_code($status);
if ($status !== 204 && $status !== 304) {
	echo 'hello';
}
`

// phpAuth has the application ask for a password, after CORS.
const phpAuth = `
if (true) {
	header('WWW-Authenticate: Basic realm="api"');
	http_response_code(401);
	exit;
}
`

func TestPHP(t *testing.T) {
	lab.Need(t, "php")
	prove(t, php, startPHP)
	t.Run("without losses", func(t *testing.T) {
		t.Parallel()
		mustKeep(t, php, startPHP, isOfErrors)
	})
	t.Run("without memory", func(t *testing.T) {
		t.Parallel()
		file, err := policyfile.Parse("promised.yaml", []byte(promised))
		if err != nil {
			t.Fatal(err)
		}
		url := startPHP(t, stand{Export: php.Export(file.Policy, "promised.yaml")})
		p := promise{request: []string{"GET /?memory", "Origin: " + evil}, want: want{status: 500, vary: []string{"Origin"}}}
		for _, fault := range p.want.faults(p.send(t, url)) {
			t.Error(fault)
		}
	})
}

// TestPHPModule has PHP in Apache, which asks for passwords itself.
func TestPHPModule(t *testing.T) {
	lab.Need(t, "apache", "php-apache")
	prove(t, php, startPHPModule)
	t.Run("without losses", func(t *testing.T) {
		t.Parallel()
		mustKeep(t, php, startPHPModule, func(p promise) bool { return isOfErrors(p) && !p.auth })
	})
}

func isOfErrors(p promise) bool { return p.feature == Preflights || p.feature == Errors }

func startPHP(t testing.TB, s stand) string {
	address := lab.FreeAddress(t)
	lab.Serve(t, address, "php", func(dir string) ([]string, error) {
		auth := ""
		if s.auth {
			auth = phpAuth
		}
		return []string{"-n", "-d", "display_errors=1", "-S", address, "api.php"}, writePHPFiles(dir, s, auth)
	})
	return "http://" + address
}

func writePHPFiles(dir string, s stand, auth string) error {
	if _, err := writeFiles(dir, s.Export); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "api.php"), []byte(strings.Replace(phpAPI, "AUTH", auth, 1)), 0o644)
}

const phpHost = `
LoadModule mpm_prefork_module MODULES/mod_mpm_prefork.so
KeepAlive Off
StartServers 4
MinSpareServers 2
LoadModule alias_module MODULES/mod_alias.so
LoadModule php_module PHP
AliasMatch ^ DIR/site/api.php
<Directory DIR/site>
	SetHandler application/x-httpd-php
	AUTH
</Directory>
`

func startPHPModule(t testing.TB, s stand) string {
	host := strings.Replace(phpHost, "PHP", lab.Path(t, "php-apache"), 1)
	return serveApache(t, s, host, func(dir string) error {
		site := filepath.Join(dir, "site")
		if err := os.Mkdir(site, 0o755); err != nil {
			return err
		}
		return writePHPFiles(site, s, "")
	})
}

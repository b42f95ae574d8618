package lab

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A component is a program the tests cannot bring along: where it may be, and the Debian package that
// holds it.
type component struct {
	names  []string // executables looked for in PATH and the system directories, the first found wins
	globs  []string // and paths that are never in PATH; of several matches the last wins: the newest version
	debian string
	npm    string // or the package that is installed under the component's name, outside of any checkout
	tool   string // or the module of this repository that builds it
}

// modules is where packages from npm are: ./test installs them there.
func modules() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return filepath.Join(cache, "corsac", "npm", "node_modules")
}

func fromNPM(name, version string) component {
	return component{
		globs: []string{filepath.Join(modules(), name, "package.json")},
		npm:   name + "@npm:" + version,
	}
}

var components = map[string]component{
	"apache":              {names: []string{"apache2", "httpd"}, debian: "apache2-bin"},
	"caddy":               {names: []string{"caddy"}, debian: "caddy"},
	"chromium":            {names: []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"}, debian: "chromium"},
	"cors":                fromNPM("cors", "cors@2.8.6"),
	"curl":                {names: []string{"curl"}, debian: "curl"},
	"django":              {globs: []string{"/usr/lib/python3/dist-packages/django/__init__.py"}, debian: "python3-django"},
	"django-cors-headers": {globs: []string{"/usr/lib/python3/dist-packages/corsheaders/__init__.py"}, debian: "python3-django-cors-headers"},
	"express4":            fromNPM("express4", "express@4.22.3"),
	"express5":            fromNPM("express5", "express@5.3.0"),
	"fastapi":             {globs: []string{"/usr/lib/python3/dist-packages/fastapi/__init__.py"}, debian: "python3-fastapi"},
	"firefox":             {names: []string{"firefox-esr", "firefox"}, debian: "firefox-esr"},
	"flask":               {globs: []string{"/usr/lib/python3/dist-packages/flask/__init__.py"}, debian: "python3-flask"},
	"flask-cors":          {globs: []string{"/usr/lib/python3/dist-packages/flask_cors/__init__.py"}, debian: "python3-flask-cors"},
	"haproxy":             {names: []string{"haproxy"}, debian: "haproxy"},
	"java":                {names: []string{"java"}, debian: "default-jdk-headless"},
	"javac":               {names: []string{"javac"}, debian: "default-jdk-headless"},
	"lighttpd":            {names: []string{"lighttpd"}, debian: "lighttpd"},
	"mod_magnet":          {globs: []string{"/usr/lib/lighttpd/mod_magnet.so"}, debian: "lighttpd-modules-lua"},
	"nginx":               {names: []string{"nginx"}, debian: "nginx"},
	"node":                {names: []string{"node", "nodejs"}, debian: "nodejs"},
	"php":                 {names: []string{"php"}, debian: "php-cli"},
	"php-apache":          {globs: []string{"/usr/lib/apache2/modules/libphp*.so"}, debian: "libapache2-mod-php"},
	"postgres":            {names: []string{"postgres"}, globs: []string{"/usr/lib/postgresql/*/bin/postgres"}, debian: "postgresql"},
	"python":              {globs: []string{"/usr/bin/python3"}, debian: "python3"}, // Debian's: others lack its packages
	"rack-cors":           {globs: []string{"/usr/lib/ruby/vendor_ruby/rack/cors.rb"}, debian: "ruby-rack-cors"},
	"rails":               {globs: []string{"/usr/lib/ruby/vendor_ruby/rails.rb", "/usr/share/rubygems-integration/all/gems/railties-*/lib/rails.rb"}, debian: "ruby-railties"},
	"ruby":                {globs: []string{"/usr/bin/ruby"}, debian: "ruby"},
	"spring":              {globs: []string{"/usr/share/java/spring3-web.jar"}, debian: "libspring-web-java"},
	"traefik":             {names: []string{"traefik"}, tool: "export/traefik"},
	"tomcat9":             {globs: []string{"/usr/share/java/tomcat9-catalina.jar"}, debian: "libtomcat9-java"}, // the last one for javax.servlet
	"uvicorn":             {globs: []string{"/usr/lib/python3/dist-packages/uvicorn/__init__.py"}, debian: "python3-uvicorn"},
	"varnish":             {names: []string{"varnishd"}, debian: "varnish"},
	"tomcat":              {globs: []string{"/usr/share/java/tomcat10-embed-core.jar"}, debian: "libtomcat10-embed-java"},
	"tomcat-annotations":  {globs: []string{"/usr/share/java/tomcat10-annotations-api.jar"}, debian: "libtomcat10-java"},
	"minibrowser":         {globs: []string{"/usr/lib/*/webkit2gtk-4.*/MiniBrowser"}, debian: "webkit2gtk-driver"},
	"webkit":              {names: []string{"WebKitWebDriver"}, debian: "webkit2gtk-driver"},
	"xvfb":                {names: []string{"Xvfb"}, debian: "xvfb"},
	"wrk":                 {names: []string{"wrk"}, debian: "wrk"},
}

// Servers live in sbin, which is in root's PATH only.
var systemDirs = []string{"/usr/local/sbin", "/usr/sbin", "/sbin"}

// Find returns the path of the component's executable: chromium, firefox, postgres, nginx, apache, php,
// wrk and the like. The other programs of PostgreSQL (initdb, pg_ctl) are in the same directory.
func Find(name string) (path string, err error) {
	c, known := components[name]
	if !known {
		return "", fmt.Errorf("unknown component %q: the lab knows %s", name,
			strings.Join(slices.Sorted(maps.Keys(components)), ", "))
	}
	for _, n := range c.names {
		if path, err := exec.LookPath(n); err == nil {
			return path, nil
		}
		for _, dir := range systemDirs {
			if path, err := exec.LookPath(filepath.Join(dir, n)); err == nil {
				return path, nil
			}
		}
	}
	for _, glob := range c.globs {
		if found, _ := filepath.Glob(glob); len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	return "", &missing{name, c}
}

// missing is the error of Find for a component that is known and not installed: the only one for which
// a test may be skipped.
type missing struct {
	name string
	component
}

func (m *missing) Error() string {
	how := "apt-get install " + m.debian
	switch {
	case m.tool != "":
		how = "go -C " + m.tool + " build -o /usr/local/bin/ tool"
	case m.npm != "":
		how = "npm install --prefix " + filepath.Dir(modules()) + " " + m.npm
	}
	return m.name + " is not installed: " + how
}

// Need skips the test unless all the components are installed. With CORSAC_TEST_ALL=1 it fails instead,
// so that a complete run never passes for want of a judge. CORSAC_TEST_WITHOUT names one that is skipped
// nevertheless: whoever sets it says so.
func Need(t testing.TB, components ...string) {
	t.Helper()
	for _, name := range components {
		Path(t, name)
	}
}

// Path is Find for a test that cannot go on without the component: see Need.
func Path(t testing.TB, component string) string {
	t.Helper()
	path, err := Find(component)
	switch err.(type) {
	case nil:
		return path
	case *missing:
		if os.Getenv("CORSAC_TEST_ALL") != "1" || os.Getenv("CORSAC_TEST_WITHOUT") == component {
			t.Skip(err)
		}
	}
	t.Fatal(err)
	return ""
}

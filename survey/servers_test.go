package survey

import (
	"context"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/internal/lab"
)

// What only a configuration can show, or only a server.
var seenByOne = map[string]bool{
	"upstream-not-hidden": true, "no-path": true, "include": true, "inheritance-lost": true, "limit": true,
	"unknown-variable": true, "guessed": true, "localhost": true, "dynamic": true, "method-without-headers": true, "not-understood": true, "no-pattern": true,
}

// TestModels holds what the model of a server says of each recipe against what
// the server itself says, when it is asked live.
func TestModels(t *testing.T) {
	t.Parallel()
	for _, server := range []struct {
		name  string
		start func(t *testing.T, api, config string) (address string)
		// alone are recipes that the server cannot be started with here.
		alone map[string]string
	}{
		{"nginx", startNginx, map[string]string{
			"in an if of the server": "nginx refuses it", "cut off": "nginx refuses it", "what Go does not know": "nginx knows it",
			"two servers": "needs a module, and names", "authentication before preflights": "needs users",
		}},
		{"apache", startApache, map[string]string{
			"not closed": "Apache refuses it", "behind authentication": "needs users", "fonts": "there are none", "limits": "Apache wants it in a directory",
		}},
		{"express-cors", startExpress, map[string]string{
			"no program": "no program", "nobody can tell": "needs an environment", "options alone": "no program",
			"a list": "entries that match nothing are seen in a configuration only",
		}},
	} {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile("testdata/recipes/" + server.name + ".txtar")
			if err != nil {
				t.Fatal(err)
			}
			api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "not-found") {
					http.NotFound(w, r)
				}
			}))
			t.Cleanup(api.Close)
			for _, f := range archive.Files {
				if strings.Contains(f.Name, ": ") || server.alone[f.Name] != "" {
					continue
				}
				t.Run(f.Name, func(t *testing.T) {
					compareModel(t, server.name, string(f.Data), server.start(t, api.URL, string(f.Data)))
				})
			}
		})
	}
}

// compareModel asks both, told the same.
func compareModel(t *testing.T, language, config, address string) {
	model, err := Read(language, "config", config)
	if err != nil {
		t.Fatal(err)
	}
	q := Question{URLs: []string{"http://api.example/"}, MaxRequests: 5000, isTold: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	for _, r := range model.Rules {
		q.Paths = append(q.Paths, (&url.URL{Path: r.Path}).EscapedPath())
	}
	// The origins that the model tried, and which nobody has named.
	r := &reading{Survey: &Survey{samples: map[string]*expression{}, madeUp: map[string]bool{}}, text: config, known: map[string]bool{}}
	for _, l := range languages() {
		if l.name == language {
			l.read(r)
		}
	}
	r.literals()
	q.Origins = slices.DeleteFunc(r.origins, func(o string) bool { return r.madeUp[o] && slices.Contains(model.leftOut(), o) })
	live, err := Live(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(live.Findings, func(f Finding) bool { return f.Name == "reflects-with-credentials" }) {
		// Origins of the configuration are nobody's word there.
		q.Origins = nil
		if live, err = Live(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(rulesAsText(live), rulesAsText(model)); diff != "" {
		t.Errorf("policy (-server +model):\n%s", diff)
	}
	if diff := cmp.Diff(findingNames(live), findingNames(model)); diff != "" {
		t.Errorf("findings (-server +model):\n%s", diff)
	}
}

func (s *Survey) leftOut() (entries []string) {
	for _, r := range s.Rules {
		for _, l := range r.LeftOut {
			entries = append(entries, l.Entry)
		}
	}
	return entries
}

func rulesAsText(s *Survey) []string {
	var all []string
	for _, r := range s.Rules {
		one := *s
		r.Comments = nil
		r.LeftOut = nil
		one.Rules, one.Tests, one.Findings = []Rule{r}, nil, nil
		_, rules, _ := strings.Cut(one.File(), "\n")
		all = append(all, rules)
	}
	slices.Sort(all)
	return all
}

func findingNames(s *Survey) []string {
	names := make(map[string]bool)
	for _, f := range s.Findings {
		if !seenByOne[f.Name] {
			names[f.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

var (
	passes    = regexp.MustCompile(`proxy_pass [^;]+;`)
	listens   = regexp.MustCompile(`listen [^;]+;`)
	locations = regexp.MustCompile(`(location [^{]*\{)`)
	servers   = regexp.MustCompile(`(server \{)`)
)

func startNginx(t *testing.T, api, config string) (address string) {
	config = listens.ReplaceAllString(passes.ReplaceAllString(config, ""), "")
	if !strings.Contains(config, "location ") {
		config = servers.ReplaceAllString(config, "server { location / { }")
		if !strings.Contains(config, "server {") {
			config = "location / {\n" + config + "}\n"
		}
	}
	if !strings.Contains(config, "server {") {
		config = "server {\n" + config + "}\n"
	}
	if strings.Contains(config, "location /") && !strings.Contains(config, "location / ") {
		config = servers.ReplaceAllString(config, "server { location / { }")
	}
	config = locations.ReplaceAllString(config, "$1 proxy_pass "+api+";")
	config = servers.ReplaceAllString(config, "server { listen ADDRESS;")
	return lab.Nginx(t, config, nil)
}

const apacheConf = `
ServerRoot DIR
ServerName api.example.com
PidFile DIR/apache.pid
ErrorLog /dev/stderr
DocumentRoot DIR
Listen ADDRESS
LoadModule mpm_event_module MODULES/mod_mpm_event.so
LoadModule authz_core_module MODULES/mod_authz_core.so
LoadModule headers_module MODULES/mod_headers.so
LoadModule setenvif_module MODULES/mod_setenvif.so
LoadModule rewrite_module MODULES/mod_rewrite.so
LoadModule dir_module MODULES/mod_dir.so
`

// startApache serves files of its own: what it answers itself has headers of
// the table always only, as the model says.
func startApache(t *testing.T, _, config string) (address string) {
	lab.Need(t, "apache")
	address = lab.FreeAddress(t)
	modules := "/usr/lib/apache2/modules"
	if _, err := os.Stat(modules); err != nil {
		if os.Getenv("CORSAC_TEST_ALL") == "1" {
			t.Fatal("Apache is there, and its modules are not in " + modules)
		}
		t.Skip("Apache's modules are not in " + modules)
	}
	config = regexp.MustCompile(`<VirtualHost [^>]*>`).ReplaceAllString(config, "<VirtualHost *>")
	lab.Serve(t, address, "apache", func(dir string) ([]string, error) {
		conf := filepath.Join(dir, "apache.conf")
		for _, path := range []string{"index.html", "public/index.html"} {
			_ = os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755)
			if err := os.WriteFile(filepath.Join(dir, path), []byte("hello"), 0o644); err != nil {
				return nil, err
			}
		}
		text := strings.NewReplacer("DIR", dir, "ADDRESS", address, "MODULES", modules).Replace(apacheConf) + config
		return []string{"-d", dir, "-f", conf, "-DFOREGROUND"}, os.WriteFile(conf, []byte(text), 0o644)
	})
	return address
}

// expressHost runs a recipe, without what brings Express and the package in.
const expressHost = `
const [express, cors] = [require('MODULES/express5'), require('MODULES/cors')]
const app = express()
new Function('app', 'cors', require('fs').readFileSync('DIR/recipe.js', 'utf8'))(app, cors)
app.use((req, res) => res.status(req.path.includes('not-found') ? 404 : 200).end())
app.use((err, req, res, next) => res.status(500).end())
app.listen(PORT, '127.0.0.1')
`

var bringsIn = regexp.MustCompile(`(?m)^import .*$|^const (express|cors|app) = .*$`)

func startExpress(t *testing.T, _, config string) (address string) {
	lab.Need(t, "node", "express5", "cors")
	modules := filepath.Dir(filepath.Dir(lab.Path(t, "cors")))
	address = lab.FreeAddress(t)
	config = bringsIn.ReplaceAllString(config, "")
	config = strings.ReplaceAll(config, "options('*'", "options('/{*splat}'") // as Express 5 writes it
	lab.Serve(t, address, "node", func(dir string) ([]string, error) {
		_, port, _ := strings.Cut(address, ":")
		host := strings.NewReplacer("MODULES", modules, "DIR", dir, "PORT", port).Replace(expressHost)
		if err := os.WriteFile(filepath.Join(dir, "recipe.js"), []byte(config), 0o644); err != nil {
			return nil, err
		}
		return []string{filepath.Join(dir, "host.cjs")}, os.WriteFile(filepath.Join(dir, "host.cjs"), []byte(host), 0o644)
	})
	return address
}

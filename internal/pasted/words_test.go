package pasted_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/internal/pasted"
)

// bodies are words for --data-raw in bash's quoting, and what they mean.
var bodies = []struct{ name, word, want string }{
	{"plain", `abc`, "abc"},
	{"single quotes", `'a b'`, "a b"},
	{"quotes next to each other", `a'b'"c"d`, "abcd"},
	{"a quote in quotes", `'it'\''s'`, "it's"},
	{"escapes outside of quotes", `a\ b\'c\\`, `a b'c\`},
	{"escapes in double quotes", `"a\"b\\c\d\$e"`, `a"b\c\d$e`},
	{"a dollar sign alone", `"5$"a$`, "5$a$"},
	{"a continued line", "a\\\nb", "ab"},
	{"a continued line in quotes", "\"a\\\nb\"", "ab"},
	{"a line break in quotes", "'a\nb'", "a\nb"},
	{"a hash within a word", `a#b`, "a#b"},
	{"braces without commas", `{"a":1}`, `{a:1}`},
	{"ANSI-C: one letter", `$'\a\b\e\E\f\n\r\t\v\\\'\"\?'`, "\a\b\x1b\x1b\f\n\r\t\v\\'\"?"},
	{"ANSI-C: octal", `$'\101\1012\7'`, "AA2\a"},
	{"ANSI-C: hexadecimal", `$'\x41\x4a\xe9\x9'`, "AJ\xe9\t"},
	{"ANSI-C: characters", `$'\u00e9\u20ac\U0001F600\u21'`, "é€😀!"},
	{"ANSI-C: control", `$'\ca\cZ'`, "\x01\x1a"},
	{"ANSI-C: unknown escapes", `$'\q\xg'`, `\q\xg`},
	{"a translated string", `$"a b"`, "a b"},
	{"empty quotes", `''`, ""},
}

func TestBashWords(t *testing.T) {
	t.Parallel()
	for _, row := range bodies {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, found := parseOne(t, "curl https://a.test --data-raw "+row.word)
			if got := string(found.Request.Body); got != row.want {
				t.Errorf("%s means %q, want %q", row.word, got, row.want)
			}
		})
	}
}

// The table above is bash's, not ours: bash itself says so.
func TestBashAgrees(t *testing.T) {
	t.Parallel()
	needBash(t)
	for _, row := range bodies {
		command := exec.CommandContext(t.Context(), "bash", "--norc", "-c", "printf %s "+row.word)
		command.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
		out, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		if string(out) != row.want {
			t.Errorf("%s: bash says %q, the table %q", row.name, out, row.want)
		}
	}
}

// needBash skips without bash, as lab.Need does for what the lab knows.
func needBash(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		if os.Getenv("CORSAC_TEST_ALL") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

func TestFirefoxPairs(t *testing.T) {
	t.Parallel()
	_, found := parseOne(t, `curl https://a.test --data-raw $'\ud83d\ude00'`)
	if got := string(found.Request.Body); got != "😀" {
		t.Errorf("the halves of a pair make %q", got)
	}
}

func TestCmdWords(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, word, want string }{
		{"carets", `^"a^&b^|c^<d^>e^"`, "a&b|c<d>e"},
		{"quotes in quotes", `^"^{^\^"a^\^":1^}^"`, `{"a":1}`},
		{"a caret in cmd's own quotes", `"a^b"`, "a^b"},
		{"per cent", `^"a^%^20b%^2Fc^"`, "a%20b%2Fc"},
		{"a line break", "^\"a^\r\n\r\nb^\"", "a\nb"},
		{"a continued line", "^\"a^\r\nb^\"", "ab"},
		{"backslashes before no quote", `^"C:^\tmp^"`, `C:\tmp`},
		{"backslashes before a quote", `"a\\"`, `a\`},
		{"a doubled quote", `"a""b"`, `a"b`},
		{"single quotes are nothing special", `^"it's^"`, "it's"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, found := parseOne(t, "curl ^\"https://a.test^\" ^\r\n  --data-raw "+row.word)
			if got := string(found.Request.Body); got != row.want {
				t.Errorf("%s means %q, want %q", row.word, got, row.want)
			}
		})
	}
}

func TestPowerShellStrings(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, word, want string }{
		{"single quotes", `'a ''b'' $c'`, "a 'b' $c"},
		{"double quotes", "\"a \"\"b\"\" `$c `` `n\"", "a \"b\" $c ` \n"},
		{"characters", "\"$([char]233)$([char]55357)$([char]56832)`u{20AC}\"", "é😀€"},
		{"a dollar sign alone", `"5$ "`, "5$ "},
		{"a here-string", "@\"\na `\"b\n\"c\"\n\"@", "a \"b\n\"c\""},
		{"a literal here-string", "@'\r\na $b\r\n'@", "a $b"},
		{"an empty here-string", "@'\n'@", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, found := parseOne(t, "iwr https://a.test -Method Post -Body "+row.word)
			if got := string(found.Request.Body); got != row.want {
				t.Errorf("%s means %q, want %q", row.word, got, row.want)
			}
		})
	}
}

// literals are strings of JavaScript, and what they mean.
var literals = []struct{ name, literal, want string }{
	{"double quotes", `"a'b"`, "a'b"},
	{"single quotes", `'a"b'`, `a"b`},
	{"a template", "`a\n$b`", "a\n$b"},
	{"a template's line breaks", "`a\r\nb\rc`", "a\nb\nc"},
	{"one letter", `"\n\r\t\b\f\v\0\'\"\\\/\q"`, "\n\r\t\b\f\v\x00'\"\\/q"},
	{"numbers", `"\x41\u00e9\u{1F600}"`, "Aé😀"},
	{"a pair", `"\ud83d\ude00"`, "😀"},
	{"half a pair", `"\ud83dx\ude00"`, "\uFFFDx\uFFFD"},
	{"a continued line", "\"a\\\nb\\\r\nc\"", "abc"},
	{"comments around it", "/* a */ 'b' // c\n", "b"},
}

func TestJavaScriptStrings(t *testing.T) {
	t.Parallel()
	for _, row := range literals {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, found := parseOne(t, "fetch('https://a.test', {method: 'POST', body: "+row.literal+",},)")
			if got := string(found.Request.Body); got != row.want {
				t.Errorf("%s means %q, want %q", row.literal, got, row.want)
			}
		})
	}
}

// The table above is JavaScript's: Node.js says so.
func TestNodeAgrees(t *testing.T) {
	t.Parallel()
	node := lab.Path(t, "node")
	var script strings.Builder
	script.WriteString("process.stdout.write(JSON.stringify([\n")
	for _, row := range literals {
		script.WriteString("(" + row.literal + "\n).toWellFormed(),\n")
	}
	script.WriteString("]))")
	out, err := exec.CommandContext(t.Context(), node, "-e", script.String()).Output()
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	if err := json.Unmarshal(out, &values); err != nil {
		t.Fatal(err)
	}
	for i, row := range literals {
		if values[i] != row.want {
			t.Errorf("%s: Node.js says %q, the table %q", row.name, values[i], row.want)
		}
	}
}

func TestFetchOptions(t *testing.T) {
	t.Parallel()
	_, found := parseOne(t, `await fetch('/users', {
		method: 'patch', mode: "no-cors", credentials: 'omit', redirect: 'error', cache: 'no-store',
		referrerPolicy: 'no-referrer', targetAddressSpace: 'local', keepalive: true, priority: "high", signal: null, window: null,
		headers: [['X-A', 'é'], ['X-A', '2'],], nested: {a: [1, -2.5e+3, {}], b: 0x1F},
	})`)
	want := fetch.Request{
		URL: "/users", Method: "patch", Mode: "no-cors", Credentials: "omit", Redirect: "error", Cache: "no-store",
		ReferrerPolicy: "no-referrer", TargetAddressSpace: "local",
		Header: fetch.Header{{Name: "X-A", Value: "\xe9"}, {Name: "X-A", Value: "2"}},
	}
	if !reflect.DeepEqual(found.Request, want) {
		t.Errorf("%+v, want %+v", found.Request, want)
	}
	for _, option := range []string{"keepalive", "priority", "signal", "window", "nested"} {
		if !told(found.Notes, pasted.OptionIgnored, `"`+option+`"`) {
			t.Errorf("%s was passed over in silence: %+v", option, found.Notes)
		}
	}
}

func TestCurlOptions(t *testing.T) {
	t.Parallel()
	const formType = "application/x-www-form-urlencoded"
	type want struct{ method, url, body, contentType, header string }
	for _, row := range []struct {
		name, options string
		want          want
	}{
		{"nothing", "", want{method: "GET"}},
		{"data", "-d a=1 --data b=2", want{method: "POST", body: "a=1&b=2", contentType: formType}},
		{"raw data", "--data-raw @x", want{method: "POST", body: "@x", contentType: formType}},
		{"a method joined", "-XPUT -da", want{method: "PUT", body: "a", contentType: formType}},
		{"a bundle", "-sSLkX DELETE", want{method: "DELETE"}},
		{"JSON", `--json '{"a":' --json '1}'`, want{method: "POST", body: `{"a":1}`, contentType: "application/json", header: "Accept: application/json"}},
		{"own type", "-d x -H 'Content-Type: text/plain'", want{method: "POST", body: "x", contentType: "text/plain"}},
		{"no type", "-d x -H Content-Type:", want{method: "POST", body: "x"}},
		{"an empty header", "-H 'X-A;'", want{method: "GET", header: "X-A: "}},
		{"get", "-G -d a=1 --data-urlencode 'q=a b&c'", want{method: "GET", url: "https://a.test/?a=1&q=a%20b%26c"}},
		{"a query", "--url-query x=1 --url-query +y", want{method: "GET", url: "https://a.test/?x=1&y"}},
		{"head", "-I", want{method: "HEAD"}},
		{"user", "-u 'me:pa:ss'", want{method: "GET", header: "Authorization: Basic bWU6cGE6c3M="}},
		{"bearer", "--oauth2-bearer t", want{method: "GET", header: "Authorization: Bearer t"}},
		{"range", "-r 0-99", want{method: "GET", header: "Range: bytes=0-99"}},
		{"upload", "-T file", want{method: "PUT"}},
		{"a switch turned off", "--no-compressed --no-progress-meter", want{method: "GET"}},
		{"the end of options", "--", want{method: "GET"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, found := parseOne(t, "curl "+row.options+" https://a.test/")
			r := found.Request
			contentType, _ := r.Header.Get("Content-Type")
			if row.want.url == "" {
				row.want.url = "https://a.test/"
			}
			if r.Method != row.want.method || r.URL != row.want.url || string(r.Body) != row.want.body || contentType != row.want.contentType {
				t.Errorf("%+v with body %q and type %q, want %+v", r, r.Body, contentType, row.want)
			}
			if name, value, ok := strings.Cut(row.want.header, ": "); ok {
				if got, has := r.Header.Get(name); !has || got != value {
					t.Errorf("%s: %q, want %q", name, got, value)
				}
			}
		})
	}
}

func TestCurlForms(t *testing.T) {
	t.Parallel()
	_, found := parseOne(t, `curl https://a.test -F 'a=1' -F 'f=@/etc/passwd;type=text/plain' --form-string 's=@x'`)
	contentType, _ := found.Request.Header.Get("content-type")
	if !strings.HasPrefix(contentType, "multipart/form-data; boundary=") || !fetch.IsCORSSafelistedRequestHeader("content-type", contentType) {
		t.Errorf("type %q", contentType)
	}
	for _, part := range []string{"name=\"a\"\r\n\r\n1\r\n", "name=\"f\"; filename=\"/etc/passwd\"\r\n\r\n\r\n", "name=\"s\"\r\n\r\n@x\r\n"} {
		if !strings.Contains(string(found.Request.Body), part) {
			t.Errorf("no %q in %q", part, found.Request.Body)
		}
	}
	if !told(found.Notes, pasted.FileNotRead, "/etc/passwd") {
		t.Errorf("notes %+v", found.Notes)
	}
}

func TestCurlReach(t *testing.T) {
	t.Parallel()
	_, found := parseOne(t, "curl -k --resolve a.test:443:127.0.0.1 --connect-to a.test:443:b.test:8443 -x http://proxy:3128 https://a.test")
	want := pasted.Reach{Insecure: true, Resolve: []string{"a.test:443:127.0.0.1"}, ConnectTo: []string{"a.test:443:b.test:8443"}, Proxy: "http://proxy:3128"}
	if !reflect.DeepEqual(found.Reach, want) {
		t.Errorf("%+v, want %+v", found.Reach, want)
	}
}

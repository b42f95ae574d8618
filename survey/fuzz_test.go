package survey

import (
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/corsac-cors/corsac/policyfile"
)

// fuzzRead reads hostile text: whatever it is, what comes of it is a policy
// file that can be read, and nothing in it gets out of a comment or a quote.
func fuzzRead(f *testing.F, language string) {
	archive, err := txtar.ParseFile("testdata/recipes/" + language + ".txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		if !strings.Contains(file.Name, ": ") {
			f.Add(string(file.Data))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Read(language, text[:min(len(text), 20)], text)
		if err != nil {
			return
		}
		file, err := policyfile.Parse("corsac.yaml", []byte(s.File()))
		if err != nil {
			t.Fatalf("%v\n%s", err, s.File())
		}
		rules := 0
		for _, r := range s.Rules {
			if len(r.Origins) > 0 {
				rules++
			}
		}
		if n := len(file.Policy.Rules()); n != rules {
			t.Fatalf("%d rules became %d\n%s", rules, n, s.File())
		}
		if len(file.Tests) != len(s.Tests) {
			t.Fatalf("%d tests became %d\n%s", len(s.Tests), len(file.Tests), s.File())
		}
		for _, finding := range s.Findings {
			if strings.ContainsAny(finding.String(), "\x00\x1b\n\r\u202e") {
				t.Fatalf("%q is not fit for a terminal", finding.String())
			}
		}
	})
}

func FuzzNginx(f *testing.F) {
	for _, seed := range []string{
		"add_header Access-Control-Allow-Origin \"https://a.example\x1b[2J\";", "location / {", "}", "map $http_origin $o { ~(a+)+$ $o; }",
		"location \"/\n# x/\" { add_header Access-Control-Allow-Origin *; }", "location / { add_header Access-Control-Allow-Origin $http_origin; add_header Access-Control-Allow-Methods \"PUT\\\", x: y\"; }",
	} {
		f.Add(seed)
	}
	fuzzRead(f, "nginx")
}

func FuzzApache(f *testing.F) {
	for _, seed := range []string{"<If \"((((\">\n</If>", "Header set Access-Control-Allow-Origin \"a\\", "SetEnvIf Origin (.*) !A B=$9"} {
		f.Add(seed)
	}
	fuzzRead(f, "apache")
}

func FuzzExpress(f *testing.F) {
	for _, seed := range []string{"cors({origin:[", "cors({origin:/[/]/i})", "cors(cors(cors())", "const a=a;cors(a)", "cors({origin: '*\\n', methods: ['PUT\\u0000']})"} {
		f.Add(seed)
	}
	fuzzRead(f, "express-cors")
}

func FuzzJSON(f *testing.F) {
	f.Add(`{"version": 1, "rules": [{"path": "/\n# x", "origins": ["*", "https://a.example"], "credentials": true, "max-age": -5}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Read("json", "x", text)
		if err != nil {
			return
		}
		if _, err := policyfile.Parse("corsac.yaml", []byte(s.File())); err != nil {
			t.Fatalf("%v\n%s", err, s.File())
		}
	})
}

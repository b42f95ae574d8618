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

// TestHostile reads text that is made to take long.
func TestHostile(t *testing.T) {
	t.Parallel()
	fill := func(s string) string { return strings.Repeat(s, (MaxSize-1000)/len(s)) }
	for _, tt := range []struct{ name, language, text string }{
		{"calls within calls", "express-cors", fill("cors(")},
		{"objects within objects", "express-cors", fill("{origin:")},
		{"names and more names", "express-cors", fill("const a=[a,a];")},
		{"lists of themselves", "express-cors", "const a=[b,b,b,b],b=[a,a,a,a];\nconst b=[a,a,a,a]\ncors({origin:a})"},
		{"an open bracket", "express-cors", "cors({origin:" + fill("[")},
		{"blocks within blocks", "nginx", fill("a{")},
		{"maps of maps", "nginx", "map $b $a { default $b$b$b$b; }\nmap $a $b { default $a$a$a$a; }\nadd_header Access-Control-Allow-Origin $a;"},
		{"expressions", "nginx", "map $http_origin $a {" + fill("~((a+)+)+$ x;\n") + "}\nadd_header Access-Control-Allow-Origin $a;"},
		{"alternatives", "nginx", "map $http_origin $a { ~^https://" + strings.Repeat("(a|b|c|d)", 300) + "$ x; }\nadd_header Access-Control-Allow-Origin $a;"},
		{"headers", "apache", fill("Header add Access-Control-Allow-Origin x\n")},
		{"a condition", "apache", "<If \"" + fill("(") + "\">\nHeader set Access-Control-Allow-Origin *\n</If>\n"},
		{"sections", "apache", fill("<a>\n")},
		{"rules", "json", `{"version":1,"rules":[` + fill(`{"path":"/a","origins":["*"]},`) + `{}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := Read(tt.language, "hostile", tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(s.Unsettled, errSlow.Error()) {
				t.Error(s.Unsettled)
			}
			if _, err := policyfile.Parse("corsac.yaml", []byte(s.File())); err != nil {
				t.Error(err)
			}
		})
	}
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

package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/corsac-cors/corsac/corstest"
)

// testSchema names the form of the JSON. Fields are added under the same name;
// what is renamed or removed makes a new one.
const testSchema = "corsac-test/1"

type testJSON struct {
	Schema string `json:"schema"`
	// Target is the URL of a live server, or absent for the policy itself.
	Target   string         `json:"target,omitempty"`
	Browsers []string       `json:"browsers"`
	Files    []fileTestJSON `json:"files"`
}

type fileTestJSON struct {
	File      string           `json:"file"`
	Problems  []jsonProblem    `json:"problems"`
	Passed    int              `json:"passed"`
	Failed    int              `json:"failed"`
	Undecided int              `json:"undecided"`
	NotRun    int              `json:"notRun"`
	Tests     []testResultJSON `json:"tests"`
}

type testResultJSON struct {
	Name         string                 `json:"name"`
	Line         int                    `json:"line"`
	Column       int                    `json:"column"`
	Outcome      corstest.Outcome       `json:"outcome"`
	Explanations []corstest.Explanation `json:"explanations,omitempty"`
}

func (r *testRun) json() testJSON {
	j := testJSON{Schema: testSchema, Target: r.target.URL, Files: []fileTestJSON{}}
	for _, p := range r.target.Profiles {
		j.Browsers = append(j.Browsers, p.Name)
	}
	for i := range r.files {
		j.Files = append(j.Files, r.files[i].json())
	}
	return j
}

func (t *fileTests) json() fileTestJSON {
	j := fileTestJSON{
		File: t.source.name, Problems: []jsonProblem{}, Tests: []testResultJSON{}, NotRun: t.left,
		Passed: t.count(corstest.Passed), Failed: t.count(corstest.Failed), Undecided: t.count(corstest.Undecided),
	}
	for _, p := range t.problems {
		j.Problems = append(j.Problems, jsonProblem{p.Line, p.Column, p.Path, p.Message, p.Hint})
	}
	for i := range t.results {
		r := &t.results[i]
		j.Tests = append(j.Tests, testResultJSON{r.Case.Name, t.tests[i].Line, t.tests[i].Column, r.Outcome, r.Explain()})
	}
	return j
}

// JUnit's report, as CI systems read it: what could not be decided is an error.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string      `xml:"name,attr"`
		Class   string      `xml:"classname,attr"`
		File    string      `xml:"file,attr"`
		Line    int         `xml:"line,attr"`
		Failure *junitFault `xml:"failure"`
		Error   *junitFault `xml:"error"`
	}
	junitFault struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func (r *testRun) writeJUnit(name string) error {
	var report junitSuites
	for i := range r.files {
		report.Suites = append(report.Suites, r.files[i].junit())
	}
	text, err := xml.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, []byte(xml.Header+string(text)+"\n"), 0o666)
}

func (t *fileTests) junit() junitSuite {
	s := junitSuite{Name: t.source.name}
	for _, p := range t.problems {
		c := t.junitCase("the policy file is fine", p.Line)
		c.Failure = &junitFault{Message: p.Message, Text: p.String()}
		s.Cases = append(s.Cases, c)
	}
	for i := range t.results {
		r := &t.results[i]
		c := t.junitCase(r.Case.Name, t.tests[i].Line)
		switch r.Outcome {
		case corstest.Failed:
			c.Failure = junitFaultOf(r)
		case corstest.Undecided:
			c.Error = junitFaultOf(r)
		}
		s.Cases = append(s.Cases, c)
	}
	s.Tests, s.Errors = len(s.Cases), t.count(corstest.Undecided)
	s.Failures = len(t.problems) + t.count(corstest.Failed)
	return s
}

func (t *fileTests) junitCase(name string, line int) junitCase {
	return junitCase{Name: name, Class: t.source.name, File: t.source.name, Line: line}
}

func junitFaultOf(r *corstest.Result) *junitFault {
	e := r.Explain()[0]
	return &junitFault{Message: faultOf(r, &e), Text: r.String()}
}

// annotate writes workflow commands, with which GitHub shows what is wrong
// beside the lines of a change.
//
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func (r *testRun) annotate(w io.Writer) {
	for i := range r.files {
		t := &r.files[i]
		for _, p := range t.problems {
			text := visible(p.Message)
			if p.Hint != "" {
				text += "\n" + visible(p.Hint)
			}
			annotation(w, "error", t.source.name, p.Line, p.Column, p.Path, text)
		}
		for i := range t.results {
			result, level := &t.results[i], "error"
			if result.Outcome == corstest.Undecided {
				level = "warning"
			}
			for _, e := range result.Explain() {
				text := faultOf(result, &e)
				if e.Advice != "" {
					text += "\nto do: " + e.Advice
				}
				annotation(w, level, t.source.name, t.tests[i].Line, t.tests[i].Column, visible(result.Case.Name), text)
			}
		}
	}
}

func annotation(w io.Writer, level, file string, line, column int, title, text string) {
	fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,title=%s::%s\n",
		level, inProperty(file), line, column, inProperty(title), inMessage(text))
}

var (
	messageEscapes  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func inMessage(s string) string  { return messageEscapes.Replace(s) }
func inProperty(s string) string { return propertyEscapes.Replace(s) }

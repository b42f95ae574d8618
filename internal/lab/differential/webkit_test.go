package differential_test

import (
	"os"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/internal/lab/differential"
)

// unlikeWebKit are the hand-written cases in which WebKitGTK does what the safari profile does not, with the
// reason.
var unlikeWebKit = map[string]string{
	"k332": "a redirect from the page's origin to another and back fails, whatever the answers say",
	"x002": "the page reads the body of an opaque redirect without a Location",
	"x008": "the page reads the body of an opaque redirect with an empty Location",
	"x019": "its HTTP library ends the head at a line that is no header",
	"x059": "same-origin credentials go along with a no-cors request that was redirected to another origin",
}

// TestAgainstWebKit holds the safari profile against WebKitGTK, on the hand-written cases. Not on random ones:
// it finds no made-up host, writes bytes beyond ASCII as UTF-8, and of the rest it does 2 in 100 otherwise.
func TestAgainstWebKit(t *testing.T) {
	browser := lab.WebKit(t)
	file, err := os.Open("../../../fetch/testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	handwritten, err := differential.ReadHandwritten(file)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var cases []differential.Case
	for _, h := range handwritten {
		if h.Beyond == "" {
			names, cases = append(names, h.ID), append(cases, h.Case)
		}
	}
	j := newJudge(t, browser, "http")
	t.Logf("webkit %s: %d cases", browser.Version(), len(cases))
	wrong := j.disagreements(cases)
	for i, name := range names {
		switch why, known := wrong[i], unlikeWebKit[name]; {
		case why != "" && known == "":
			t.Errorf("%s: %s", name, why)
		case why == "" && known != "":
			t.Errorf("%s agrees after all: it is no longer so that %s", name, known)
		}
	}
}

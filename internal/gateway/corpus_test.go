package gateway_test

import (
	"net/http"
	"testing"

	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/cases"
	"github.com/corsac-cors/corsac/internal/gateway"
	"github.com/corsac-cors/corsac/policyfile"
)

// TestCorpus holds a gateway, which is reloaded with each policy of the corpus,
// against the policy's cases. The API behind it speaks CORS too, wrongly.
func TestCorpus(t *testing.T) {
	t.Parallel()
	api := upstream(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://wrong.example")
		w.Header().Set("ETag", `"1"`)
	})
	corpus, err := cases.Corpus("../../corstest/testdata/corpus")
	if err != nil {
		t.Fatal(err)
	}
	g, url := start(t, to(t, api))
	target := corstest.Target{URL: url, Send: true, Profiles: []fetch.Profile{fetch.Chrome, fetch.Firefox}}
	for _, p := range corpus {
		if err := g.Reload(configOf(api, p.File)); err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		for _, r := range corstest.Run(t.Context(), target, p.Cases...) {
			if r.Outcome != corstest.Passed {
				t.Errorf("%s: %s", p.Name, r.String())
			}
		}
	}
}

func configOf(api string, f *policyfile.File) gateway.Config {
	c := gateway.Config{Policy: f.Policy, Gateway: policyfile.DefaultGateway()}
	c.Gateway.Upstream = api
	return c
}

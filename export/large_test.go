package export

import (
	"fmt"
	"testing"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/fetch"
)

// proveLarge tries long lists of origins. How long the server takes to start
// with them is logged.
func proveLarge(t *testing.T, target Target, start start) {
	api := serveAPI(t)
	for _, n := range []int{100, 10_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			policy := tenants(t, n)
			began := time.Now()
			e := target.Export(policy, "tenants.yaml")
			exported := time.Since(began)
			began = time.Now()
			url := start(t, stand{Export: e, api: api})
			t.Logf("%d origins: exported in %v, %d bytes; the server takes %v to start", n, exported, len(e.Text()), time.Since(began))
			results := corstest.Run(t.Context(), corstest.Target{URL: url, Send: true, Profiles: []fetch.Profile{fetch.Standard}},
				tenant(0, corstest.Allow), tenant(n/2, corstest.Allow), tenant(n-1, corstest.Allow),
				tenant(n, corstest.Block), tenant(n+7, corstest.Block))
			for _, r := range results {
				if trial := r.Trials[0]; r.Outcome != corstest.Passed && !excused(e.Losses, effectOf(&trial), policy, &trial) {
					t.Errorf("%s: %s: %s", r.Case.Name, r.Outcome, trial.Fault)
				}
			}
		})
	}
}

func tenants(t testing.TB, n int) *corsac.Policy {
	t.Helper()
	var origins []string
	for i := range n {
		origins = append(origins, tenantOrigin(i))
	}
	p, err := corsac.New(corsac.Rule{Origins: origins, Methods: []string{"PUT"}, Headers: []string{"Authorization"}, MaxAge: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func tenantOrigin(i int) string { return fmt.Sprintf("https://tenant-%d.example.com", i) }

// tenant is a case that needs a preflight.
func tenant(i int, want corstest.Access) corstest.Case {
	return corstest.Case{
		Name: fmt.Sprintf("tenant %d", i),
		Request: fetch.Request{
			Origin: tenantOrigin(i), URL: "/", Method: "PUT",
			Header: fetch.Header{{Name: "Authorization", Value: "Bearer corsac"}},
		},
		Want: want,
	}
}

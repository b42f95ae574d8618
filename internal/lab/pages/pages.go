// Package pages does in real browsers what pages do: over eighty things, from
// uploads to WebSockets. What a page sees of a server on another origin, through
// whatever puts a policy into force, is to be what it would see if that server
// were its own.
package pages

import (
	_ "embed"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/internal/enforcertest"
	"github.com/corsac-cors/corsac/internal/lab"
)

//go:embed page.js
var script string

// Run tries enforcers by their names. The address of one may begin with
// https://, with any certificate.
func Run(t *testing.T, enforcers map[string]enforcertest.Start) {
	own := httptest.NewServer(everything())
	t.Cleanup(own.Close)
	servers := make(map[string]string)
	for name, start := range enforcers {
		servers[name] = start(t, []corsac.Rule{{
			Origins:     []string{own.URL},
			Methods:     []string{"PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"},
			Headers:     []string{"Content-Type", "If-None-Match"},
			Expose:      []string{"X-Exposed", "Content-Disposition", "WWW-Authenticate"},
			Credentials: true, // beacons have them always
			Timing:      true,
		}}, everything())
	}
	for _, b := range lab.Browsers(t, lab.InsecureTLS()) {
		t.Run(b.Name(), func(t *testing.T) {
			tab := b.Open(t, own.URL)
			seen := func(server string) map[string]string {
				return lab.Value[map[string]string](tab, fmt.Sprintf("(%s)(%q)", script, server))
			}
			want := seen(own.URL)
			if len(want) <= 80 || want["method PUT"] != "200 PUT 0" {
				t.Fatalf("of its own server it sees %v", want)
			}
			for _, name := range slices.Sorted(maps.Keys(servers)) {
				t.Run(name, func(t *testing.T) {
					got := seen(servers[name])
					for _, what := range slices.Sorted(maps.Keys(want)) {
						if got[what] != want[what] {
							t.Errorf("%s: it sees %q, and %q of its own server", what, got[what], want[what])
						}
					}
				})
			}
		})
	}
}

package explain

import (
	"net/http"
	"sync"
	"testing"
)

// TestRepeatsOnlyWhatChangesNothing: --send permits a request, and not three more of it that the browser
// would not send.
func TestRepeatsOnlyWhatChangesNothing(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]int{"POST": 1, "PUT": 1, "HEAD": 1 + mostRepeat} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			sent := map[string]int{}
			server := start(t, func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				sent[r.Method]++
				if r.Method == "OPTIONS" {
					w.Header().Set("Access-Control-Allow-Origin", app)
					w.Header().Set("Access-Control-Allow-Methods", "PUT")
					return
				}
				w.WriteHeader(503)
			})
			q := call(method)
			q.Send, q.Request.Origin, q.Request.URL = true, app, server.URL+"/x"
			r := Explain(t.Context(), q)
			fault{code: "CX-S04"}.judge(t, r)
			mu.Lock()
			defer mu.Unlock()
			if sent[method] != want {
				t.Errorf("%s was sent %d times, want %d", method, sent[method], want)
			}
		})
	}
}

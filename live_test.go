package corsac_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/corsac-cors/corsac"
)

func TestLive(t *testing.T) {
	t.Parallel()
	var live corsac.Live
	h := live.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	allowed := func() string {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Origin", "https://app.example.com")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Header().Get("Access-Control-Allow-Origin")
	}
	if got := allowed(); got != "" || live.Load() != nil {
		t.Errorf("the zero value allows %q", got)
	}
	live.Store(mustNew(t, app(nil)))
	if got := allowed(); got != "https://app.example.com" {
		t.Errorf("after Store: allows %q", got)
	}
	live.Store(nil)
	if got := allowed(); got != "" {
		t.Errorf("after Store(nil): allows %q", got)
	}
}

// A request keeps the policy that it met, and sees one whole policy: never the
// origin of one beside the methods of another.
func TestLiveUnderLoad(t *testing.T) {
	t.Parallel()
	one := mustNew(t, app(func(r *corsac.Rule) { r.Expose = []string{"One"}; r.Timing = true }))
	two := mustNew(t, app(func(r *corsac.Rule) { r.Expose = []string{"Two"}; r.Credentials = true }))
	live := corsac.NewLive(one)
	h := live.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				r := httptest.NewRequest("GET", "/", nil)
				r.Header.Set("Origin", "https://app.example.com")
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				exposed, credentials := w.Header().Get("Access-Control-Expose-Headers"), w.Header().Get("Access-Control-Allow-Credentials")
				if !(exposed == "One" && credentials == "" || exposed == "Two" && credentials == "true") {
					t.Errorf("a mixture of policies: %v", w.Header())
					return
				}
			}
		})
	}
	for range 10_000 {
		live.Store(two)
		live.Store(one)
	}
	close(done)
	readers.Wait()
}

package enforcertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/corsac-cors/corsac"
)

// A fault makes a server of rules and what stands behind them.
type fault func(rules []corsac.Rule, upstream http.Handler) http.Handler

func (f fault) start(t testing.TB, rules []corsac.Rule, upstream http.Handler) string {
	server := httptest.NewServer(f(rules, upstream))
	t.Cleanup(server.Close)
	return server.URL
}

// right has no fault.
func right(rules []corsac.Rule, upstream http.Handler) http.Handler {
	policy, err := corsac.New(rules...)
	if err != nil {
		panic(err)
	}
	return policy.Wrap(upstream)
}

// mistaking takes origins for listed ones.
func mistaking(covers func(listed []string, origin string) bool) fault {
	return func(rules []corsac.Rule, upstream http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := right
			for _, rule := range rules {
				if origin := r.Header.Get("Origin"); covers(rule.Origins, origin) && !slices.Contains(rule.Origins, origin) {
					answer = trusted
				}
			}
			answer(rules, upstream).ServeHTTP(w, r)
		})
	}
}

// trusted answers a request as if its origin were listed.
func trusted(rules []corsac.Rule, upstream http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		listed := strings.ReplaceAll(strings.ReplaceAll(rules[0].Origins[0], "*.", "a."), ":*", ":1")
		from := r.Header.Get("Origin")
		r.Header.Set("Origin", listed)
		rewritten(right(rules, upstream), func(h http.Header, r *http.Request) {
			if h["Access-Control-Allow-Origin"] != nil {
				h.Set("Access-Control-Allow-Origin", from)
			}
		}).ServeHTTP(w, r)
	})
}

// afterwards changes the headers of right answers.
func afterwards(c change) fault {
	return func(rules []corsac.Rule, upstream http.Handler) http.Handler {
		return rewritten(right(rules, upstream), c)
	}
}

func rewritten(handler http.Handler, c change) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		resp := rec.Result()
		c(resp.Header, r)
		for name, values := range resp.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(resp.StatusCode)
		w.Write(rec.Body.Bytes())
	})
}

// outside answers some requests in another way.
func outside(is func(r *http.Request) bool, answer fault) fault {
	return func(rules []corsac.Rule, upstream http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if is(r) && len(rules) > 0 {
				answer(rules, upstream).ServeHTTP(w, r)
			} else {
				right(rules, upstream).ServeHTTP(w, r)
			}
		})
	}
}

func upstream(_ []corsac.Rule, upstream http.Handler) http.Handler { return upstream }

func hangsUp([]corsac.Rule, http.Handler) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

func answers400([]corsac.Rule, http.Handler) http.Handler { return answering(http.StatusBadRequest) }

func answers200([]corsac.Rule, http.Handler) http.Handler { return answering(http.StatusOK) }

func answering(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Origin, Access-Control-Request-Method")
		w.WriteHeader(status)
	})
}

func ever(*http.Request) bool { return true }

func isPreflight(r *http.Request) bool {
	return r.Method == "OPTIONS" && r.Header["Access-Control-Request-Method"] != nil
}

func plainOptions(r *http.Request) bool { return r.Method == "OPTIONS" && !isPreflight(r) }

func asWebSocket(r *http.Request) bool { return r.Header["Upgrade"] != nil }

func ofSeveral(r *http.Request) bool { return len(r.Header["Origin"]) > 1 }

func beginsAsWritten(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

func inAPI(r *http.Request) { r.URL.Path = "/api/other" }

// asked has the policy see another request than came.
func asked(change func(r *http.Request), where func(r *http.Request) bool) fault {
	return func(rules []corsac.Rule, upstream http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if where(r) {
				change(r)
			}
			right(rules, upstream).ServeHTTP(w, r)
		})
	}
}

// early sets headers before the handler runs, and what that does to them stays.
func early(rules []corsac.Rule, upstream http.Handler) http.Handler {
	policy, err := corsac.New(rules...)
	if err != nil {
		panic(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := policy.Decide(corsac.RequestOf(r))
		if d.Status() != 0 {
			policy.Wrap(upstream).ServeHTTP(w, r)
			return
		}
		for _, f := range d.AppendFields(nil) {
			w.Header().Set(f.Name, f.Value)
		}
		w.Header().Set("Vary", d.Vary())
		upstream.ServeHTTP(w, r)
	})
}

// late decides when the handler has had the request in its hands.
func late(rules []corsac.Rule, upstream http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		upstream.ServeHTTP(rec, r)
		right(rules, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(rec.Code)
			w.Write(rec.Body.Bytes())
		})).ServeHTTP(w, r)
	})
}

// talkative writes into the answer to what is refused what the client chose.
func talkative(what func(r *http.Request) string) fault {
	return func(rules []corsac.Rule, upstream http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			right(rules, upstream).ServeHTTP(w, r)
			fmt.Fprintln(w, what(r))
		})
	}
}

// forgetful has other rules than were given.
func forgetful(change func(r *corsac.Rule)) fault {
	return func(rules []corsac.Rule, upstream http.Handler) http.Handler {
		rules = slices.Clone(rules)
		for i := range rules {
			change(&rules[i])
		}
		return right(rules, upstream)
	}
}

// inquisitive also shows preflights to the handler.
func inquisitive(rules []corsac.Rule, upstream http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isPreflight(r) {
			upstream.ServeHTTP(httptest.NewRecorder(), r)
		}
		right(rules, upstream).ServeHTTP(w, r)
	})
}

// disarming takes from requests what a handler's own check goes by.
func disarming(rules []corsac.Rule, upstream http.Handler) http.Handler {
	return right(rules, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Sec-Fetch-Site")
		r.Header.Del("Origin")
		upstream.ServeHTTP(w, r)
	}))
}

// accumulating registers its headers again with each request.
func accumulating() fault {
	var times atomic.Int64
	return afterwards(func(h http.Header, r *http.Request) {
		for range times.Add(1) - 1 {
			h["Access-Control-Allow-Origin"] = append(h["Access-Control-Allow-Origin"], h.Get("Access-Control-Allow-Origin"))
		}
	})
}

// sharing gives all responses the same slice.
func sharing() fault {
	vary := []string{"Origin"}
	return func(rules []corsac.Rule, upstream http.Handler) http.Handler {
		return right(rules, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Vary"] = vary
			upstream.ServeHTTP(w, r)
		}))
	}
}

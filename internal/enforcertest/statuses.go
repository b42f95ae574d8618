package enforcertest

import (
	"fmt"
	"net/http"
	"strings"
)

// statuses are the upstream's answers of every kind. A page that is allowed has
// to see them all, errors more than any; one that is not sees none, though the
// upstream would let it.
func statuses() (trials []Trial) {
	for _, status := range []int{
		200, 201, 202, 204, 205, 206,
		300, 301, 302, 303, 304, 307, 308,
		400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 425, 426, 428, 429, 431, 451,
		500, 501, 502, 503, 504, 507, 511, 599,
	} {
		lines := linesOf(status)
		for _, from := range []struct {
			name, line string
			cors       []string
		}{
			{"allowed", origin(app), readable(app)},
			{"not allowed", origin(evil), nil},
			{"none", "X-None: 1", nil},
		} {
			trials = append(trials, Trial{
				Name: fmt.Sprintf("%d, origin %s", status, from.name), Rules: usersRules(),
				Upstream: both(generous(0), responds(status, lines...)),
				Request:  request("GET /users/1", from.line),
				Want:     Answer{Status: status, CORS: from.cors, Vary: byOrigin, Lines: lines, Upstream: Reached},
			})
		}
	}
	trials = append(trials, preflightsPassNothing()...)
	return append(trials, earlyHints()...)
}

// linesOf are header lines that go with a status.
func linesOf(status int) []string {
	switch status {
	case 301, 302, 303, 307, 308:
		return []string{"Location: https://login.example/?next=%2Fusers%2F1"}
	case 304:
		return []string{`Etag: "1"`}
	case 401:
		return []string{`Www-Authenticate: Bearer realm="users"`}
	case 405:
		return []string{"Allow: GET, POST"}
	case 429, 503:
		return []string{"Retry-After: 10"}
	}
	return nil
}

// preflightsPassNothing: nothing behind the policy can break a preflight.
func preflightsPassNothing() (trials []Trial) {
	for _, status := range []int{200, 302, 401, 403, 404, 405, 429, 500} {
		trials = append(trials, Trial{
			Name: fmt.Sprintf("preflight before an upstream of %d", status), Rules: usersRules(),
			Upstream: generous(status),
			Request:  preflight("/users/1", app, "PUT", "authorization"),
			Want:     permits(app),
		})
	}
	return trials
}

func earlyHints() []Trial {
	hints := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("Vary", "Cookie")
		w.Header().Add("Access-Control-Allow-Origin", "null")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintln(w, "hello")
	})
	vary := []string{"Origin", "Cookie"}
	return []Trial{
		{Name: "103 before the answer, origin allowed", Rules: usersRules(), Upstream: hints,
			Request: request("GET /users/1", origin(app)),
			Want:    Answer{Status: 404, CORS: readable(app), Vary: vary, Body: "hello", Upstream: Reached}},
		{Name: "103 before the answer, origin not allowed", Rules: usersRules(), Upstream: hints,
			Request: request("GET /users/1", origin(evil)),
			Want:    Answer{Status: 404, Vary: vary, Body: "hello", Upstream: Reached}},
		{Name: "100-continue", Rules: usersRules(), OnlyHTTP1: true,
			Upstream: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", "*")
				b := make([]byte, 7)
				r.Body.Read(b)
				fmt.Fprintln(w, "hello")
			}),
			Request: requestWithBody(`{"a":1}`, "POST /users/1", origin(app), "Expect: 100-continue"),
			Want:    shares(app)},
	}
}

// both has the first handler set headers and the second answer.
func both(sets, answers http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sets.ServeHTTP(headOnly{w}, r)
		answers.ServeHTTP(w, r)
	})
}

// headOnly keeps what is set and drops what is written.
type headOnly struct{ http.ResponseWriter }

func (headOnly) WriteHeader(int)             {}
func (headOnly) Write(b []byte) (int, error) { return len(b), nil }

func addLines(h http.Header, lines []string) {
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		h.Add(name, strings.TrimSpace(value))
	}
}

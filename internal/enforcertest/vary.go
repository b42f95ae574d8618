package enforcertest

import (
	"net/http"

	"github.com/corsac-cors/corsac"
)

// varying are upstreams with a Vary of their own: what they list and what the
// policy lists have to be there, both.
func varying() (trials []Trial) {
	for _, v := range []struct {
		name  string
		lines []string
		want  []string // beside Origin
	}{
		{"one name", []string{"Vary: Cookie"}, []string{"Cookie"}},
		{"several names", []string{"Vary: Cookie, Accept-Encoding"}, []string{"Cookie", "Accept-Encoding"}},
		{"several lines", []string{"Vary: Cookie", "Vary: Accept-Encoding", "Vary: Accept"}, []string{"Cookie", "Accept-Encoding", "Accept"}},
		{"lower case", []string{"Vary: cookie"}, []string{"Cookie"}},
		{"origin already", []string{"Vary: Cookie, Origin"}, []string{"Cookie"}},
		{"origin already, in lower case", []string{"Vary: origin,cookie"}, []string{"Cookie"}},
		{"a name that has Origin in it", []string{"Vary: X-Origin"}, []string{"X-Origin"}},
		{"empty", []string{"Vary: "}, nil},
		{"commas", []string{"Vary: ,, Cookie ,"}, []string{"Cookie"}},
	} {
		for _, from := range []struct {
			name string
			line string
			cors []string
		}{
			{"origin allowed", origin(app), readable(app)},
			{"origin not allowed", origin(evil), nil},
			{"no origin", "X-None: 1", nil},
		} {
			trials = append(trials, Trial{
				Name: v.name + ", " + from.name, Rules: usersRules(), Upstream: responds(200, v.lines...),
				Request: request("GET /users/1", from.line),
				Want:    Answer{Status: 200, CORS: from.cors, Vary: append([]string{"Origin"}, v.want...), Upstream: Reached},
			})
		}
	}
	return append(trials, otherVary()...)
}

func otherVary() []Trial {
	everybody := []string{"Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: ETag"}
	raw := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["vary"] = []string{"Cookie"}
		w.WriteHeader(200)
	})
	return []Trial{
		{Name: "star already", Rules: usersRules(), Upstream: responds(200, "Vary: *"), Request: request("GET /users/1"),
			Want: Answer{Status: 200, Vary: []string{"*"}, Upstream: Reached}},
		{Name: "the header's name in lower case", Rules: usersRules(), Upstream: raw, Request: request("GET /users/1"),
			Want: Answer{Status: 200, Vary: []string{"Origin", "Cookie"}, Upstream: Reached}},
		{Name: "the same answer for everybody", Rules: public(), Upstream: responds(200, "Vary: Cookie"), Request: request("GET /", origin(app)),
			Want: Answer{Status: 200, CORS: everybody, Vary: []string{"Cookie"}, Upstream: Reached}},
		{Name: "no rule", Rules: usersRules(), Upstream: responds(200, "Vary: Cookie"), Request: request("GET /private", origin(app)),
			Want: Answer{Status: 200, Vary: []string{"Cookie"}, Upstream: Reached}},
		{Name: "OPTIONS that is no preflight", Rules: usersRules(), Upstream: responds(200, "Vary: Cookie"), Request: request("OPTIONS /users/1", origin(app)),
			Want: Answer{Status: 200, CORS: readable(app), Vary: append([]string{"Cookie"}, byQuestion...), Upstream: Reached}},
		{Name: "not the request's", Rules: usersRules(), Request: request("GET /users/1", origin(app), "Vary: X-Evil"), Want: shares(app)},
		{Name: "not the preflight's", Rules: usersRules(),
			Request: request("OPTIONS /users/1", append(asks("PUT"), origin(app), "Vary: X-Evil")...), Want: permits(app)},
		{Name: "refused", Rules: with(func(r *corsac.Rule) { r.RefuseOthers = true }), Upstream: responds(200, "Vary: Cookie"),
			Request: request("POST /users/1", origin(evil)), Want: refuses()},
	}
}

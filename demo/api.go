package demo

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
)

// Token is the access token that the demo's API asks for and its page sends. It opens generated data on
// the own machine, so it is no secret.
const Token = "corsac-demo-token"

// NewAPI returns the users API. It asks for a token and pages by headers, and like most APIs it was
// written without a thought of browsers: it knows nothing of CORS.
//
//	GET    /users    a page of the users
//	POST   /users    a page of those whom {"search": "…"} finds
//	POST   /session  a cookie for the token
//	DELETE /session  forgets it
//	GET    /me       the user whom the cookie belongs to
func NewAPI(users *Store, token string) http.Handler {
	api := &api{users: users, token: sha256.Sum256([]byte(token)), sessions: newSessions()}
	routes := map[string]map[string]http.HandlerFunc{
		"/users":   {"GET": api.needToken(api.list), "POST": api.needToken(api.list)},
		"/session": {"POST": api.needToken(api.signIn), "DELETE": api.signOut},
		"/me":      {"GET": api.me},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		methods, known := routes[r.URL.Path]
		if !known {
			problem{Status: http.StatusNotFound, Detail: "the resources are /users, /session and /me"}.write(w)
			return
		}
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		if methods[method] == nil {
			refuseMethod(w, methods)
			return
		}
		methods[method](w, r)
	})
}

type api struct {
	users    *Store
	token    [sha256.Size]byte
	sessions *sessions
}

func refuseMethod(w http.ResponseWriter, methods map[string]http.HandlerFunc) {
	var allow []string
	for _, m := range []string{"GET", "HEAD", "POST", "DELETE"} {
		if methods[m] != nil || m == "HEAD" && methods["GET"] != nil {
			allow = append(allow, m)
		}
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	problem{Status: http.StatusMethodNotAllowed, Detail: "the methods are " + strings.Join(allow, ", ")}.write(w)
}

// needToken refuses requests without the access token: https://www.rfc-editor.org/rfc/rfc6750#section-3
func (a *api) needToken(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		switch sum := sha256.Sum256([]byte(strings.TrimSpace(token))); {
		case !strings.EqualFold(scheme, "Bearer"):
			w.Header().Set("WWW-Authenticate", `Bearer realm="users"`)
			problem{Status: http.StatusUnauthorized, Detail: "send an access token: Authorization: Bearer …"}.write(w)
		case subtle.ConstantTimeCompare(sum[:], a.token[:]) != 1:
			w.Header().Set("WWW-Authenticate", `Bearer realm="users", error="invalid_token"`)
			problem{Status: http.StatusUnauthorized, Detail: "this access token is not valid"}.write(w)
		default:
			next(w, r)
		}
	}
}

func (a *api) list(w http.ResponseWriter, r *http.Request) {
	q, bad := parseQuery(w, r)
	if bad != nil {
		bad.write(w)
		return
	}
	page, total, err := a.users.Users(r.Context(), q)
	if err != nil {
		// The reason is the database's and not for strangers.
		problem{Status: http.StatusInternalServerError, Detail: "the database does not answer"}.write(w)
		return
	}
	// Set would write it as Totalitemscount. Names of headers have no case, but people do look.
	w.Header()["TotalItemsCount"] = []string{strconv.Itoa(total)}
	writeJSON(w, http.StatusOK, "application/json", page)
}

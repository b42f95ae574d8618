package demo

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

// sessionCookie has a name of its own, for cookies do not know ports: every server on this machine's
// 127.0.0.1 gets it, and every one could set it.
const sessionCookie = "corsac_demo_session"

// sessions makes and recognizes the cookie. It keeps no list: the cookie is valid as long as the key
// lives, which is as long as the program runs.
type sessions struct{ key []byte }

func newSessions() *sessions {
	key := make([]byte, sha256.Size)
	rand.Read(key) // never fails
	return &sessions{key}
}

// value is the cookie of the demo's only account.
func (s *sessions) value() string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(sessionCookie))
	return hex.EncodeToString(mac.Sum(nil))
}

func (s *sessions) valid(r *http.Request) bool {
	c, err := r.Cookie(sessionCookie)
	return err == nil && hmac.Equal([]byte(c.Value), []byte(s.value()))
}

func (a *api) signIn(w http.ResponseWriter, _ *http.Request) {
	setSession(w, a.sessions.value(), 0)
}

func (a *api) signOut(w http.ResponseWriter, _ *http.Request) {
	setSession(w, "", -1)
}

// setSession needs no SameSite=None: ports make other origins, but not other sites.
func setSession(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteLaxMode})
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
}

func (a *api) me(w http.ResponseWriter, r *http.Request) {
	if !a.sessions.valid(r) {
		problem{Status: http.StatusUnauthorized, Detail: "nobody is signed in: POST /session sets the cookie"}.write(w)
		return
	}
	users, _, err := a.users.Users(r.Context(), Query{Items: 1, Page: 1})
	if err != nil || len(users) == 0 {
		problem{Status: http.StatusInternalServerError, Detail: "the database does not answer"}.write(w)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", users[0])
}

// Command chi puts Corsac in front of a chi router.
//
//	go run ./chi
//
// See ../servemux for the page that may read it.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/examples/users"
)

func main() {
	handler, err := newHandler()
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler))
}

// newHandler gives the policy to the root router's Use, as the first of its
// middlewares: chi runs those before it looks for a route, so they also see the
// preflights of paths that have no route for OPTIONS, and cover 404 and 405.
// With, or the Use of a Group, is too late: it runs for the routes that matched,
// and a preflight matches none of them.
func newHandler() (http.Handler, error) {
	policy, err := corsac.New(corsac.Rule{
		Origins: []string{"http://localhost:3000"},
		Methods: []string{"PUT"},
		Headers: []string{"Authorization", "Content-Type", "ItemsPerPage", "PageNumber"},
		Expose:  []string{"TotalItemsCount"},
		MaxAge:  2 * time.Hour,
	})
	if err != nil {
		return nil, err
	}
	r := chi.NewRouter()
	r.Use(policy.Wrap, middleware.Recoverer)
	r.Group(func(r chi.Router) {
		r.Use(authenticated)
		r.Post("/users", listUsers)
		r.Put("/users/{id}", renameUser)
	})
	r.Get("/events", streamEvents)
	return r, nil
}

// authenticated never sees a preflight, which comes without the token: the
// policy stands outside of it and has answered.
func authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func listUsers(w http.ResponseWriter, r *http.Request) {
	list, err := users.Page(r.Header.Get("ItemsPerPage"), r.Header.Get("PageNumber"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("TotalItemsCount", strconv.Itoa(users.Total))
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(list)
}

func renameUser(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusNoContent)
}

// streamEvents tells the time until the client has had enough.
func streamEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	tick := time.NewTicker(time.Second / 4)
	defer tick.Stop()
	for {
		fmt.Fprintf(w, "data: %s\n\n", time.Now().Format(time.RFC3339))
		w.(http.Flusher).Flush()
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

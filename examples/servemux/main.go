// Command servemux puts Corsac in front of the standard library's ServeMux.
//
//	go run ./servemux
//
// A page on http://localhost:3000 may then read the users page by page:
//
//	const response = await fetch("http://127.0.0.1:8080/users", {
//	  method: "POST",
//	  headers: { Authorization: "Bearer secret", ItemsPerPage: "10", PageNumber: "2" },
//	});
//	const total = response.headers.get("TotalItemsCount");
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"time"

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

// newHandler wraps the whole mux, and not the handlers in it. A preflight is an
// OPTIONS request, which a pattern such as "PUT /users/{id}" does not match: a
// policy around that handler alone would never see it, and the mux would
// answer 405. Outside, the policy also covers the mux's own 404 and 405.
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
	mux := http.NewServeMux()
	mux.Handle("POST /users", authenticated(listUsers))
	mux.Handle("PUT /users/{id}", authenticated(renameUser))
	mux.HandleFunc("GET /events", streamEvents)
	return policy.Wrap(mux), nil
}

// authenticated never sees a preflight, which comes without the token: the
// policy stands outside of it and has answered.
func authenticated(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next(w, r)
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
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

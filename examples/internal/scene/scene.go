// Package scene plays the scene of the examples against each of them: a page on
// another origin reads the users page by page.
package scene

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/examples/users"
)

const (
	page  = "http://localhost:3000"
	other = "https://other.example"
)

// Play starts the handler on loopback and plays all of the scene.
func Play(t *testing.T, handler http.Handler, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		// Streams end when their clients do.
		server.CloseClientConnections()
		server.Close()
	})
	s := scene{server.URL}
	t.Run("preflights", s.preflights)
	t.Run("page reads users", s.readsUsers)
	t.Run("page reads errors", s.readsErrors)
	t.Run("other page reads nothing", s.othersReadNothing)
	t.Run("page reads a stream", s.readsStream)
	t.Run("on one connection", s.onOneConnection)
}

type scene struct{ url string }

func (s scene) do(t *testing.T, method, path string, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// check compares all values of header fields; an empty one means none.
func check(t *testing.T, resp *http.Response, status int, want map[string]string) {
	t.Helper()
	if resp.StatusCode != status {
		t.Errorf("status %d, want %d", resp.StatusCode, status)
	}
	for name, value := range want {
		var values []string
		if value != "" {
			values = []string{value}
		}
		if got := resp.Header.Values(name); !slices.Equal(got, values) {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

// preflights are answered whatever the router knows of the path: a route of
// another method, a route behind a token, or none.
func (s scene) preflights(t *testing.T) {
	for _, tt := range []struct{ name, method, path string }{
		{"of a route", "POST", "/users"},
		{"of a route with a method", "PUT", "/users/1"},
		{"of a route that lacks the method", "PUT", "/events"},
		{"of no route", "PUT", "/nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp := s.do(t, "OPTIONS", tt.path, "Origin: "+page, "Access-Control-Request-Method: "+tt.method,
				"Access-Control-Request-Headers: authorization,itemsperpage,pagenumber")
			check(t, resp, http.StatusNoContent, map[string]string{
				"Access-Control-Allow-Origin":  page,
				"Access-Control-Allow-Methods": "PUT",
				"Access-Control-Allow-Headers": "Authorization, Content-Type, ItemsPerPage, PageNumber",
				"Access-Control-Max-Age":       "7200",
			})
		})
	}
	t.Run("of another page", func(t *testing.T) {
		resp := s.do(t, "OPTIONS", "/users", "Origin: "+other, "Access-Control-Request-Method: POST")
		check(t, resp, http.StatusForbidden, map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Headers": ""})
	})
}

func (s scene) readsUsers(t *testing.T) {
	resp := s.do(t, "POST", "/users", "Origin: "+page, "Authorization: Bearer secret", "ItemsPerPage: 20", "PageNumber: 2")
	check(t, resp, http.StatusOK, map[string]string{
		"Access-Control-Allow-Origin":   page,
		"Access-Control-Expose-Headers": "TotalItemsCount",
		"TotalItemsCount":               "95",
	})
	var list []users.User
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil || len(list) != 20 || list[0].ID != 21 {
		t.Errorf("users %v, %v", list, err)
	}
	check(t, s.do(t, "PUT", "/users/1", "Origin: "+page, "Authorization: Bearer secret"), http.StatusNoContent,
		map[string]string{"Access-Control-Allow-Origin": page})
}

func (s scene) readsErrors(t *testing.T) {
	readable := map[string]string{"Access-Control-Allow-Origin": page, "Vary": "Origin"}
	check(t, s.do(t, "POST", "/users", "Origin: "+page), http.StatusUnauthorized, readable)
	check(t, s.do(t, "POST", "/users", "Origin: "+page, "Authorization: Bearer secret", "ItemsPerPage: none"), http.StatusBadRequest, readable)
	check(t, s.do(t, "GET", "/nothing", "Origin: "+page), http.StatusNotFound, readable)
	resp := s.do(t, "PUT", "/events", "Origin: "+page)
	if resp.StatusCode != http.StatusNotFound { // gin's word for it
		check(t, resp, http.StatusMethodNotAllowed, readable)
	}
	check(t, resp, resp.StatusCode, readable)
}

func (s scene) othersReadNothing(t *testing.T) {
	hidden := map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Expose-Headers": "", "Vary": "Origin"}
	check(t, s.do(t, "POST", "/users", "Origin: "+other, "Authorization: Bearer secret"), http.StatusOK, hidden)
	check(t, s.do(t, "POST", "/users", "Authorization: Bearer secret"), http.StatusOK, hidden)
	check(t, s.do(t, "POST", "/users", "Origin: "+page, "Origin: "+other, "Authorization: Bearer secret"), http.StatusOK, hidden)
	check(t, s.do(t, "GET", "/nothing", "Origin: "+other), http.StatusNotFound, hidden)
}

// readsStream reads the first event of a stream that has not ended.
func (s scene) readsStream(t *testing.T) {
	resp := s.do(t, "GET", "/events", "Origin: "+page)
	check(t, resp, http.StatusOK, map[string]string{"Access-Control-Allow-Origin": page})
	line, err := bufio.NewReader(resp.Body).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "data:") {
		t.Errorf("read %q, %v", line, err)
	}
}

// onOneConnection: on a connection that is used again, each response is its
// own request's.
func (s scene) onOneConnection(t *testing.T) {
	for _, origin := range []string{page, other, page} {
		want := ""
		if origin == page {
			want = page
		}
		resp := s.do(t, "POST", "/users", "Origin: "+origin, "Authorization: Bearer secret")
		check(t, resp, http.StatusOK, map[string]string{"Access-Control-Allow-Origin": want, "Vary": "Origin"})
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

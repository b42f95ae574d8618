package fetch_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/fetch"
)

// Whatever a server says, a page reads another origin's answer only if every
// answer on the way let it, by the plain reading of the rules.
func FuzzNobodyReadsWithoutPermission(f *testing.F) {
	f.Add(byte(0), byte(0), "*", "", "", "", "/1")
	f.Add(byte(1), byte(1), page, "true", "PUT", "x-a", "https://other.test/1")
	f.Add(byte(2), byte(2), "null", "true", "*", "*", page+"/1")
	f.Add(byte(3), byte(7), page+", *", "TRUE", "PUT, b@d", "x-a,", "//u:p@api.test")
	f.Fuzz(func(t *testing.T, which, options byte, origin, credentials, methods, names, location string) {
		profile := fetch.Profiles()[int(which)%4]
		s := &script{answer: func(w *fetch.WireRequest) string {
			head := "\nAccess-Control-Allow-Origin: " + origin + "\nAccess-Control-Allow-Credentials: " + credentials +
				"\nAccess-Control-Allow-Methods: " + methods + "\nAccess-Control-Allow-Headers: " + names
			if w.URL.Path == "/0" && w.Head.Method != "OPTIONS" && options&4 != 0 {
				return "307" + head + "\nLocation: " + location
			}
			return "200" + head
		}}
		in := fetch.Request{Origin: page, URL: api + "/0"}
		if options&1 != 0 {
			in.Credentials = fetch.CredentialsInclude
		}
		if options&2 != 0 {
			in.Method, in.Header = "PUT", fetch.Lines("X-A: 1")
		}
		agent := fetch.Agent{Profile: profile, Transport: s}
		verdict := agent.Fetch(t.Context(), in)
		if (verdict.Response == nil) == (verdict.Failure == nil) || verdict.Kind() != "" && verdict.Kind().Family() == "" {
			t.Fatalf("%+v", verdict)
		}
		if !verdict.OK() {
			return
		}
		for i, x := range verdict.Exchanges {
			sent, hasOrigin := x.Request.Header.Get("Origin")
			said, _ := x.Response.Header.Get("Access-Control-Allow-Origin")
			allowed, _ := x.Response.Header.Get("Access-Control-Allow-Credentials")
			include := options&1 != 0
			if !hasOrigin || said != sent && (include || said != "*") && profile.Name != "firefox" || include && allowed != "true" {
				t.Fatalf("%s: exchange %d, Origin %q, was readable by %q and credentials %q", profile.Name, i, sent, said, allowed)
			}
			if x.Request.Method == "PUT" && (i == 0 || !verdict.Exchanges[i-1].Preflight || !strings.Contains(methods, "PUT") && !strings.Contains(methods, "*")) {
				t.Fatalf("%s: PUT without a preflight that allows it by %q", profile.Name, methods)
			}
		}
	})
}

func Example() {
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
		w.Header().Set("Access-Control-Allow-Methods", "GET")
	})
	agent := fetch.Agent{Transport: fetch.Handler(api)}
	verdict := agent.Fetch(context.Background(), fetch.Request{
		Origin: "https://app.example.com",
		URL:    "https://api.example.com/users",
		Method: "PUT",
	})
	if verdict.OK() {
		log.Fatal("the PUT was allowed")
	}
	fmt.Println(verdict.Failure)
	for _, x := range verdict.Exchanges {
		fmt.Println(x.Request.Method, x.URL, x.Response.Status)
	}
	// Output:
	// method-not-allowed in the preflight of "PUT": found "GET", want "PUT"
	// OPTIONS https://api.example.com/users 200
}

func ExampleProfile() {
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "*")
	})
	for _, profile := range fetch.Profiles() {
		agent := fetch.Agent{Profile: profile, Transport: fetch.Handler(server)}
		verdict := agent.Fetch(context.Background(), fetch.Request{
			Origin: "https://app.example.com",
			URL:    "https://api.example.com/users",
			Header: fetch.Lines("Authorization: Bearer x"),
		})
		fmt.Println(profile.Name, verdict.OK())
	}
	// Output:
	// standard false
	// chrome true
	// firefox true
	// safari true
}

package main

import (
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/corsac-cors/corsac"
	"github.com/corsac-cors/corsac/corstest"
	"github.com/corsac-cors/corsac/policyfile"
)

// What docs/go.md shows stands here, so that the compiler has read it.

func docsAround(mux http.Handler) error {
	policy, err := corsac.New(corsac.Rule{
		Path:    "/users/", // /users and all that is below it; without it, everything
		Origins: []string{"https://app.example.com"},
		Methods: []string{"PUT", "DELETE"},
		Headers: []string{"Authorization", "Content-Type"},
		MaxAge:  2 * time.Hour,
	})
	if err != nil {
		return err // all that is wrong with the rules, each with what to write instead
	}
	return http.ListenAndServe(":8080", policy.Wrap(mux))
}

func docsFile(mux http.Handler) error {
	file, err := policyfile.Read("corsac.yaml")
	if err != nil {
		return err // each problem with line and column
	}
	live := corsac.NewLive(file.Policy)
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	go func() {
		for range reload {
			file, err := policyfile.Read("corsac.yaml")
			if err != nil {
				log.Printf("the old policy stays in force:\n%v", err)
				continue
			}
			live.Store(file.Policy)
		}
	}()
	return http.ListenAndServe(":8080", live.Wrap(mux))
}

func docsEnvironment() (*corsac.Policy, error) {
	policy, err := corsac.New(corsac.Rule{
		Origins: strings.Split(os.Getenv("PAGES"), ","), // http://localhost:* here, https://app.example.com there
		Headers: []string{"Authorization", "Content-Type"},
	})
	return policy, err
}

func docsDecide(policy *corsac.Policy, r *http.Request) {
	decision := policy.Decide(corsac.RequestOf(r))
	if decision.Verdict != corsac.Allow && decision.Verdict != corsac.Pass {
		slog.Info("cors", "kind", decision.Kind, "verdict", decision.Verdict, "reason", decision.Reason, "name", decision.Name)
	}
}

func docsTest(t *testing.T, handler http.Handler) {
	request := httptest.NewRequest("PUT", "/users/1", strings.NewReader(`{"name":"Ada"}`))
	request.Header.Set("Content-Type", "application/json")

	corstest.Allowed(t, handler, "https://app.example.com", request)
	corstest.Blocked(t, handler, "https://evil.example.net", request, corstest.Because(corsac.UnlistedOrigin))
}

var _, _, _ = docsAround, docsFile, docsDecide

func TestGoDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/go.md")
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := os.ReadFile("godocs_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)\n```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) == 0 {
		t.Error("the page has no Go")
	}
	for _, b := range blocks {
		indented := strings.ReplaceAll(strings.ReplaceAll("\n"+b[1], "\n", "\n\t"), "\n\t\n", "\n\n")
		if !strings.Contains(string(compiled), indented+"\n") {
			t.Errorf("nothing here compiles%s", indented)
		}
	}
	t.Setenv("PAGES", "")
	if p, err := docsEnvironment(); err == nil {
		t.Errorf("an empty variable is the policy %v", p.Rules())
	}
	t.Setenv("PAGES", "https://app.example.com,http://localhost:*")
	p, err := docsEnvironment()
	if err != nil || len(p.Rules()[0].Origins) != 2 {
		t.Errorf("two origins are %v, %v", p, err)
	}
	put, err := corsac.New(corsac.Rule{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}, Headers: []string{"Content-Type"}})
	if err != nil {
		t.Fatal(err)
	}
	docsTest(t, put.Wrap(http.NotFoundHandler()))
}

package demo

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/corsac-cors/corsac/internal/lab"
)

// perform starts a demo on free ports, which ends with the test. Another handler may play the API.
func perform(t *testing.T, api http.Handler) *stage {
	t.Helper()
	free := "127.0.0.1:0"
	s, err := newStage(t.Context(), Options{FrontEnd: free, Gateway: free, API: free, Out: t.Output()}, api)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestScreenshots writes pictures of the page for somebody to look at:
//
//	CORSAC_SCREENSHOTS=/tmp/shots go test -run TestScreenshots ./demo
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("CORSAC_SCREENSHOTS")
	if dir == "" {
		t.Skip("CORSAC_SCREENSHOTS names no directory")
	}
	s := perform(t, nil)
	for _, scheme := range []struct{ name, flag string }{
		{"light", "--blink-settings=preferredColorScheme=1"},
		{"dark", "--blink-settings=preferredColorScheme=0"},
	} {
		browser := lab.Browsers(t, lab.ChromiumFlag(scheme.flag))[0]
		tab := browser.Open(t, s.frontEnd.url)
		shoot := func(name string, width, height int) {
			tab.Viewport(width, height)
			if err := os.WriteFile(filepath.Join(dir, name+"-"+scheme.name+".png"), tab.Screenshot(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		ready(tab)
		shoot("wide", 1280, 1150)
		shoot("narrow", 390, 2600)
		choose(tab, "api")
		shoot("direct", 1280, 1000)
		shoot("direct-narrow", 390, 2200)
		choose(tab, "gateway")
		click(tab, "next")
		tab.Eval("document.querySelectorAll('.behind details, #policy-card').forEach((d) => d.open = true)", nil)
		shoot("next", 1280, 2300)
		tab.Eval("document.getElementById('term').value = 'łukasz'", nil)
		tab.Eval("document.getElementById('search').requestSubmit()", nil)
		idle(tab)
		shoot("search", 1280, 1700)
		click(tab, "sign-in")
		tab.Wait("document.getElementById('account').textContent.includes('Signed in')")
		shoot("cookie", 1280, 1700)
	}
}

func ready(tab *lab.Tab) { tab.Wait("document.documentElement.dataset.ready") }

// choose switches the way of the requests and waits for the answer.
func choose(tab *lab.Tab, way string) {
	tab.Eval("document.querySelector('input[value="+way+"]').click()", nil)
	idle(tab)
}

func click(tab *lab.Tab, id string) {
	tab.Eval("document.getElementById('"+id+"').click()", nil)
	idle(tab)
}

func idle(tab *lab.Tab) {
	tab.Wait("!document.getElementById('users-card').hasAttribute('aria-busy')")
}

package lab

import (
	"context"
	"testing"
)

// A Tab is a Page in a test: what goes wrong, or takes longer than a minute, ends the test. When the
// test has failed, the console is in its log.
type Tab struct {
	*Page
	t testing.TB
}

// Open opens the URL in a new page, waits until it has loaded, and closes it when the test ends.
func (b *Browser) Open(t testing.TB, url string) *Tab {
	t.Helper()
	Need(t, b.name)
	tab := &Tab{t: t}
	tab.must(func(ctx context.Context) (err error) {
		tab.Page, err = b.NewPage(ctx, url)
		return err
	})
	t.Cleanup(tab.leave)
	return tab
}

func (tab *Tab) leave() {
	for _, e := range tab.Console() {
		if tab.t.Failed() {
			tab.t.Logf("console: %s %s: %s", e.Source, e.Level, e.Text)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tab.Page.Close(ctx) // fails when the browser has ended already, which is as well
}

func (tab *Tab) must(step func(context.Context) error) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.t.Context(), patience)
	defer cancel()
	if err := step(ctx); err != nil {
		tab.t.Fatal(err)
	}
}

// Navigate goes to the URL and waits until it has loaded.
func (tab *Tab) Navigate(url string) {
	tab.t.Helper()
	tab.must(func(ctx context.Context) error { return tab.Page.Navigate(ctx, url) })
}

// Eval stores the value of a JavaScript expression in into, unless that is nil: see Page.Eval.
func (tab *Tab) Eval(expr string, into any) {
	tab.t.Helper()
	tab.must(func(ctx context.Context) error { return tab.Page.Eval(ctx, expr, into) })
}

// Value is the value of a JavaScript expression: see Page.Eval.
func Value[T any](tab *Tab, expr string) (value T) {
	tab.t.Helper()
	tab.Eval(expr, &value)
	return value
}

// Wait waits until the JavaScript expression is true.
func (tab *Tab) Wait(expr string) {
	tab.t.Helper()
	tab.must(func(ctx context.Context) error { return tab.Page.Wait(ctx, expr) })
}

// WaitConsole waits for a console entry, such as one that is lab.Entry.AboutCORS.
func (tab *Tab) WaitConsole(such func(Entry) bool) (e Entry) {
	tab.t.Helper()
	tab.must(func(ctx context.Context) (err error) {
		e, err = tab.Page.WaitConsole(ctx, such)
		return err
	})
	return e
}

// WaitFailure waits for a failed request.
func (tab *Tab) WaitFailure(such func(Failure) bool) (f Failure) {
	tab.t.Helper()
	tab.must(func(ctx context.Context) (err error) {
		f, err = tab.Page.WaitFailure(ctx, such)
		return err
	})
	return f
}

// Viewport sets the size of the page in CSS pixels.
func (tab *Tab) Viewport(width, height int) {
	tab.t.Helper()
	tab.must(func(ctx context.Context) error { return tab.Page.Viewport(ctx, width, height) })
}

// Screenshot returns the viewport as a PNG image.
func (tab *Tab) Screenshot() (png []byte) {
	tab.t.Helper()
	tab.must(func(ctx context.Context) (err error) {
		png, err = tab.Page.Screenshot(ctx)
		return err
	})
	return png
}

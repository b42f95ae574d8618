package lab

import (
	"context"
	"errors"
)

type firefoxPage struct {
	browser       *firefox
	user, context string // BiDi's names: a user context has cookies, a browsing context has a document
}

func (f *firefox) open(ctx context.Context, page *Page) (remote, error) {
	var made struct{ UserContext, Context string }
	if err := f.conn.call(ctx, "", "browser.createUserContext", none, &made); err != nil {
		return nil, err
	}
	p := &firefoxPage{browser: f, user: made.UserContext}
	// A window, because a tab behind another is a background page: slow timers, no animation frames.
	create := object{"type": "window", "userContext": made.UserContext}
	if err := f.conn.call(ctx, "", "browsingContext.create", create, &made); err != nil {
		return nil, errors.Join(err, p.close(ctx))
	}
	p.context = made.Context
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pages[p.context] = page
	return p, nil
}

// bidiEvent has the fields of all the events we listen to; their names do not collide.
type bidiEvent struct {
	Context string
	// log.entryAdded
	Source            struct{ Context string }
	Type, Level, Text string
	// network.fetchError
	Request   struct{ URL, Method string }
	ErrorText string
	// browsingContext.contextCreated
	Parent string
}

var firefoxEvents = map[string]func(*firefox, *Page, bidiEvent){
	"log.entryAdded": func(_ *firefox, p *Page, e bidiEvent) {
		p.log(Entry{Source: e.Type, Level: e.Level, Text: e.Text})
	},
	"network.fetchError": func(_ *firefox, p *Page, e bidiEvent) {
		p.failed(Failure{Method: e.Request.Method, URL: e.Request.URL, Error: e.ErrorText})
	},
	"browsingContext.contextCreated": func(f *firefox, p *Page, e bidiEvent) { f.pages[e.Context] = p },
}

func (p *firefoxPage) call(ctx context.Context, method string, params object, result any) error {
	params["context"] = p.context
	return p.browser.conn.call(ctx, "", method, params, result)
}

func (p *firefoxPage) navigate(ctx context.Context, url string) error {
	return p.call(ctx, "browsingContext.navigate", object{"url": url, "wait": "complete"}, nil)
}

func (p *firefoxPage) evaluate(ctx context.Context, script string) (string, error) {
	var e struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Text string }
	}
	params := object{"expression": script, "awaitPromise": true, "target": object{"context": p.context}}
	if err := p.browser.conn.call(ctx, "", "script.evaluate", params, &e); err != nil {
		return "", err
	}
	if e.ExceptionDetails != nil {
		return "", errors.New(e.ExceptionDetails.Text)
	}
	value, _ := e.Result.Value.(string)
	return value, nil
}

func (p *firefoxPage) viewport(ctx context.Context, width, height int) error {
	size := object{"width": width, "height": height}
	return p.call(ctx, "browsingContext.setViewport", object{"viewport": size, "devicePixelRatio": 1}, nil)
}

func (p *firefoxPage) screenshot(ctx context.Context) ([]byte, error) {
	var s struct{ Data []byte }
	err := p.call(ctx, "browsingContext.captureScreenshot", object{"origin": "viewport"}, &s)
	return s.Data, err
}

func (p *firefoxPage) close(ctx context.Context) error {
	return p.browser.conn.call(ctx, "", "browser.removeUserContext", object{"userContext": p.user}, nil)
}

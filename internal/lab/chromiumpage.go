package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

type chromiumPage struct {
	browser          *chromium
	page             *Page
	context, session string

	// Guarded by the page.
	requests map[string]cdpRequest // by id, while they are under way
	loaded   map[string]bool       // the documents that have loaded, by loader
}

type cdpRequest struct{ URL, Method string }

func (c *chromium) open(ctx context.Context, page *Page) (remote, error) {
	p := &chromiumPage{browser: c, page: page, requests: map[string]cdpRequest{}, loaded: map[string]bool{}}
	var made struct{ BrowserContextID, TargetID, SessionID string }
	if err := c.conn.call(ctx, "", "Target.createBrowserContext", none, &made); err != nil {
		return nil, err
	}
	p.context = made.BrowserContextID
	target := object{"url": "about:blank", "browserContextId": p.context}
	err := c.conn.call(ctx, "", "Target.createTarget", target, &made)
	if err == nil {
		err = c.conn.call(ctx, "", "Target.attachToTarget", object{"targetId": made.TargetID, "flatten": true}, &made)
	}
	if err == nil {
		p.session = made.SessionID
		c.enter(p.session, p)
		err = errors.Join(c.listen(ctx, p.session),
			c.conn.call(ctx, p.session, "Page.enable", none, nil),
			c.conn.call(ctx, p.session, "Page.setLifecycleEventsEnabled", object{"enabled": true}, nil))
	}
	if err != nil {
		p.close(ctx)
		return nil, err
	}
	return p, nil
}

// listen asks for the events of a session, and for those of the frames and workers below it, which are
// held until they too are listened to. Bodies of uploads are not among them: to send them here takes longer
// than to upload them.
func (c *chromium) listen(ctx context.Context, session string) error {
	return errors.Join(
		c.conn.call(ctx, session, "Log.enable", none, nil),
		c.conn.call(ctx, session, "Runtime.enable", none, nil),
		c.conn.call(ctx, session, "Network.enable", object{"maxPostDataSize": 1}, nil),
		c.conn.call(ctx, session, "Target.setAutoAttach", object{"autoAttach": true, "flatten": true, "waitForDebuggerOnStart": true}, nil))
}

// cdpEvent has the fields of all the events we listen to; their names do not collide.
type cdpEvent struct {
	// Log.entryAdded
	Entry struct{ Source, Level, Text, URL string }
	// Runtime.consoleAPICalled, Network.loadingFailed
	Type string
	Args []cdpObject
	// Runtime.exceptionThrown
	ExceptionDetails cdpException
	// Network.requestWillBeSent, Network.loadingFailed, Network.loadingFinished
	RequestID       string
	Request         cdpRequest
	ErrorText       string
	CorsErrorStatus struct{ CorsError, FailedParameter string }
	// Page.lifecycleEvent
	Name, LoaderID string
	// Target.attachedToTarget
	SessionID string
}

// cdpObject is a Runtime.RemoteObject.
type cdpObject struct {
	Type        string
	Value       any
	Description string // none for strings, booleans, null and undefined
}

func (o cdpObject) String() string {
	switch {
	case o.Description != "":
		return o.Description
	case o.Type == "undefined":
		return o.Type
	case o.Value == nil:
		return "null"
	}
	return fmt.Sprint(o.Value)
}

type cdpException struct {
	Text, URL string
	Exception *cdpObject
}

func (e cdpException) Error() string {
	if e.Exception == nil {
		return e.Text
	}
	message, _, _ := strings.Cut(e.Exception.String(), "\n    at ") // the stack
	return message
}

var chromiumEvents = map[string]func(*chromiumPage, cdpEvent){
	"Log.entryAdded": func(p *chromiumPage, e cdpEvent) {
		p.page.log(Entry{e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL})
	},
	"Runtime.consoleAPICalled": func(p *chromiumPage, e cdpEvent) {
		var text []string
		for _, arg := range e.Args {
			text = append(text, arg.String())
		}
		p.page.log(Entry{Source: "console", Level: e.Type, Text: strings.Join(text, " ")})
	},
	"Runtime.exceptionThrown": func(p *chromiumPage, e cdpEvent) {
		p.page.log(Entry{"javascript", "error", e.ExceptionDetails.Error(), e.ExceptionDetails.URL})
	},
	"Network.requestWillBeSent": func(p *chromiumPage, e cdpEvent) {
		p.page.record(func() { p.requests[e.RequestID] = e.Request })
	},
	"Network.loadingFinished": func(p *chromiumPage, e cdpEvent) {
		p.page.record(func() { delete(p.requests, e.RequestID) })
	},
	"Network.loadingFailed": func(p *chromiumPage, e cdpEvent) {
		p.page.record(func() {
			r := p.requests[e.RequestID]
			delete(p.requests, e.RequestID)
			p.page.failures = append(p.page.failures, Failure{r.Method, r.URL, e.ErrorText,
				e.CorsErrorStatus.CorsError, e.CorsErrorStatus.FailedParameter})
		})
	},
	"Page.lifecycleEvent": func(p *chromiumPage, e cdpEvent) {
		if e.Name == "load" {
			p.page.record(func() { p.loaded[e.LoaderID] = true })
		}
	},
	"Target.attachedToTarget": func(p *chromiumPage, e cdpEvent) {
		p.browser.enter(e.SessionID, p)
		go p.browser.admit(e.SessionID)
	},
}

// admit lets a frame or worker run, once it is listened to. Workers lack some of the domains: never mind.
func (c *chromium) admit(session string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c.listen(ctx, session)
	c.conn.call(ctx, session, "Runtime.runIfWaitingForDebugger", none, nil)
}

func (p *chromiumPage) call(ctx context.Context, method string, params, result any) error {
	return p.browser.conn.call(ctx, p.session, method, params, result)
}

func (p *chromiumPage) navigate(ctx context.Context, url string) error {
	var n struct{ LoaderID, ErrorText string }
	if err := p.call(ctx, "Page.navigate", object{"url": url}, &n); err != nil {
		return err
	}
	if n.ErrorText != "" {
		return errors.New(n.ErrorText)
	}
	if n.LoaderID == "" { // the fragment alone has changed
		return nil
	}
	return p.page.until(ctx, func() bool { return p.loaded[n.LoaderID] })
}

func (p *chromiumPage) evaluate(ctx context.Context, script string) (string, error) {
	var e struct {
		Result           struct{ Value any }
		ExceptionDetails *cdpException
	}
	params := object{"expression": script, "awaitPromise": true, "returnByValue": true}
	if err := p.call(ctx, "Runtime.evaluate", params, &e); err != nil {
		return "", err
	}
	if e.ExceptionDetails != nil {
		return "", *e.ExceptionDetails
	}
	value, _ := e.Result.Value.(string)
	return value, nil
}

func (p *chromiumPage) viewport(ctx context.Context, width, height int) error {
	return p.call(ctx, "Emulation.setDeviceMetricsOverride",
		object{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
}

func (p *chromiumPage) screenshot(ctx context.Context) ([]byte, error) {
	var s struct{ Data []byte }
	err := p.call(ctx, "Page.captureScreenshot", object{"format": "png"}, &s)
	return s.Data, err
}

func (p *chromiumPage) close(ctx context.Context) error {
	return p.browser.conn.call(ctx, "", "Target.disposeBrowserContext", object{"browserContextId": p.context}, nil)
}

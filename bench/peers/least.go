package main

import (
	"fmt"
	"net/http"
)

// A bound is a handler that sets the two headers of an allowed request, decides
// nothing, and does nothing else. Nothing that decides can cost less.
type bound struct {
	what string
	*subject
}

// boundsOf are held against the peers in one case, that of an allowed request.
func boundsOf(c *benchCase) []bound {
	return []bound{
		{"a wrapper that decides nothing, and sets two headers when the head is written,", newSubject(c, least)},
		{"two headers set before the handler runs, from slices that all requests share, with no wrapper, no look at the origin and no decision,", newSubject(c, less)},
	}
}

// less is what is left if headers need not be the policy's to the end, nor the
// request's own.
var less http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Access-Control-Allow-Origin"] = sharedOrigin
	h["Vary"] = sharedVary
	hello.ServeHTTP(w, r)
})

var sharedOrigin, sharedVary = []string{"https://example.com"}, []string{"Origin"}

// least sets headers when the head is written.
var least http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	rw := &leastResponse{ResponseWriter: w, values: [2]string{r.Header["Origin"][0], "Origin"}}
	defer rw.commit()
	hello.ServeHTTP(rw, r)
})

type leastResponse struct {
	http.ResponseWriter
	committed bool
	values    [2]string
}

func (w *leastResponse) commit() {
	if w.committed {
		return
	}
	w.committed = true
	h := w.Header()
	h["Access-Control-Allow-Origin"] = w.values[0:1:1]
	h["Vary"] = w.values[1:2:2]
}

func (w *leastResponse) WriteHeader(status int) {
	w.commit()
	w.ResponseWriter.WriteHeader(status)
}

func (w *leastResponse) Write(b []byte) (int, error) {
	w.commit()
	return w.ResponseWriter.Write(b)
}

// note holds the bound against the peers' times in a row of its case.
func (b *bound) note(r *row) string {
	c := &cell{subject: b.subject, Bare: r.Bare}
	times := c.net()
	ratios := make([]float64, len(times))
	for i, theirs := range r.Cells[1].net() {
		ratios[i] = times[i] / theirs
	}
	return fmt.Sprintf("A lower bound: %s takes %s ns in %q, %s of jub0bs/cors's time.", b.what, number(median(times)), r.name, decimals(median(ratios)))
}

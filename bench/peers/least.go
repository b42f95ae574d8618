package main

import (
	"fmt"
	"net/http"
)

// least is a lower bound for whoever sets headers when the head is written: it
// decides nothing, and does nothing else. No answer of a policy can cost less.
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

// leastNote holds the bound against the peers' times in a row of an allowed
// request.
func leastNote(s *subject, r *row) string {
	c := &cell{subject: s, Bare: r.Bare}
	times := c.net()
	ratios := make([]float64, len(times))
	for i, theirs := range r.Cells[1].net() {
		ratios[i] = times[i] / theirs
	}
	return fmt.Sprintf("A lower bound: a wrapper that decides nothing, and sets two headers when the head is written, takes %s ns in %q, %s of jub0bs/cors's time.",
		number(median(times)), r.name, decimals(median(ratios)))
}

package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/corsac-cors/corsac"
)

// problemType is the media type of what the gateway itself answers.
//
// https://www.rfc-editor.org/rfc/rfc9457
const problemType = "application/problem+json"

// A problem is the body of such an answer. Its detail tells clients nothing of
// the upstream; the log does.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// problem answers in the upstream's stead. The writer sets the policy's
// headers, so that pages of allowed origins can read what went wrong.
func (x *exchange) problem(w http.ResponseWriter, status int, detail string) {
	if x.failure == nil {
		x.failure = fmt.Errorf("%s", detail)
	}
	body, err := json.Marshal(problem{"about:blank", http.StatusText(status), status, detail})
	if err != nil {
		panic(err) // strings and a number
	}
	body = append(body, '\n')
	h := w.Header()
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Content-Type", problemType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body)
	http.NewResponseController(w).Flush() // so that it is this write which is timed
}

// problemsInto collects what is wrong with a configuration.
func (c *Config) problemsInto(ps *corsac.Problems) func(path, hint, format string, args ...any) {
	return func(path, hint, format string, args ...any) {
		p := corsac.Problem{Path: path, Hint: hint, Message: fmt.Sprintf(format, args...)}
		if c.File != nil {
			p = c.File.Locate(p)
		}
		*ps = append(*ps, p)
	}
}

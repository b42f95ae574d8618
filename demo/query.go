package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What a request may ask for.
const (
	defaultItems = 10
	maxItems     = 100
	maxPage      = 1_000_000
	maxSearch    = 100     // characters
	maxBody      = 8 << 10 // bytes
)

// parseQuery reads the query of a request: the page from the headers, and the search from the body of
// a POST. The problem has everything that is wrong.
func parseQuery(w http.ResponseWriter, r *http.Request) (Query, *problem) {
	var q Query
	var wrong [3]error
	q.Items, wrong[0] = headerNumber(r.Header, "ItemsPerPage", defaultItems, maxItems)
	q.Page, wrong[1] = headerNumber(r.Header, "PageNumber", 1, maxPage)
	if r.Method == http.MethodPost {
		var p *problem
		if q.Search, p, wrong[2] = bodySearch(w, r); p != nil {
			return q, p
		}
	}
	var bad problem
	for _, err := range wrong {
		if err != nil {
			bad.Errors = append(bad.Errors, err.Error())
		}
	}
	switch len(bad.Errors) {
	case 0:
		return q, nil
	case 1:
		return q, &problem{Status: http.StatusBadRequest, Detail: bad.Errors[0]}
	}
	bad.Status = http.StatusBadRequest
	bad.Detail = fmt.Sprintf("%d things are wrong with this request", len(bad.Errors))
	return q, &bad
}

// headerNumber reads a header that is a number from 1 to most, and may be absent.
func headerNumber(h http.Header, name string, absent, most int) (int, error) {
	values := h[textproto.CanonicalMIMEHeaderKey(name)]
	switch {
	case len(values) == 0:
		return absent, nil
	case len(values) > 1:
		return 0, fmt.Errorf("%s is given %d times: give it once", name, len(values))
	}
	n, err := strconv.ParseUint(values[0], 10, 31)
	if err != nil || n < 1 || n > uint64(most) {
		return 0, fmt.Errorf("%s is %s: give a number from 1 to %d", name, quoted(values[0]), most)
	}
	return int(n), nil
}

// quoted shows a value of any length and content.
func quoted(value string) string {
	const most = 40
	if len(value) > most {
		return strconv.Quote(value[:most]) + "…"
	}
	return strconv.Quote(value)
}

// bodySearch reads {"search": "…"}, or nothing from an empty body. What keeps the body from being read at
// all is a problem, what it says wrongly is an error.
func bodySearch(w http.ResponseWriter, r *http.Request) (search string, unread *problem, wrong error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return "", &problem{Status: http.StatusRequestEntityTooLarge,
			Detail: fmt.Sprintf("the body may have %d bytes", maxBody)}, nil
	}
	if err != nil {
		return "", &problem{Status: http.StatusBadRequest, Detail: "the body ends too early"}, nil
	}
	if len(body) == 0 {
		return "", nil, nil
	}
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
		return "", &problem{Status: http.StatusUnsupportedMediaType,
			Detail: fmt.Sprintf("Content-Type is %s: send application/json", quoted(r.Header.Get("Content-Type")))}, nil
	}
	search, wrong = decodeSearch(body)
	return search, nil, wrong
}

func decodeSearch(body []byte) (string, error) {
	var asked map[string]any // not a struct, whose fields would match SEARCH as well
	if err := json.Unmarshal(body, &asked); err != nil || asked == nil {
		return "", errors.New(`the body is no JSON object: send {"search": "…"}`)
	}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if name != "search" {
			return "", fmt.Errorf("the body has a member %s: \"search\" is the only one", quoted(name))
		}
	}
	search, isString := asked["search"].(string)
	if _, given := asked["search"]; given && !isString {
		return "", errors.New(`"search" is no string`)
	}
	if strings.ContainsRune(search, 0) {
		return "", errors.New(`"search" has a NUL character`) // PostgreSQL has no such texts
	}
	if n := utf8.RuneCountInString(search); n > maxSearch {
		return "", fmt.Errorf(`"search" has %d characters: %d are the most`, n, maxSearch)
	}
	return search, nil
}

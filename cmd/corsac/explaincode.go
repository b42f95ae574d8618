package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/corsac-cors/corsac/docs"
	"github.com/corsac-cors/corsac/explain"
)

var looksLikeCode = regexp.MustCompile(`^(?i)CX-[A-Z][0-9]{2}$`)

// showCode prints the page of a diagnosis.
func (x *explaining) showCode(code string) error {
	page, err := docs.Explain.ReadFile("explain/" + strings.ToUpper(code) + ".md")
	if err != nil {
		known := make([]string, len(explain.Codes))
		for i, c := range explain.Codes {
			known[i] = c.Code
		}
		return misuse("there is no %q: the codes are %s", code, strings.Join(known, ", "))
	}
	_, err = fmt.Fprint(x.stdout, string(page))
	return err
}

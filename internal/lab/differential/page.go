package differential

import (
	"context"
	_ "embed" // the page
	"encoding/json"
	"fmt"
	"slices"

	"github.com/corsac-cors/corsac/internal/lab"
)

//go:embed run.html
var runPage string

//go:embed run.js
var runScript string

// InBrowser has a page at PageURL fetch the cases. Only one page may do so at a time.
func (s *Stage) InBrowser(ctx context.Context, page *lab.Page, cases []Case) ([]Outcome, error) {
	runs := s.begin(cases)
	batch := make([]Case, len(runs))
	for i, r := range runs {
		batch[i] = Case{Sandboxed: r.kase.Sandboxed, Calls: slices.Clone(r.kase.Calls)}
		for j := range batch[i].Calls {
			batch[i].Calls[j].URL = r.fill(batch[i].Calls[j].URL)
		}
	}
	if err := s.setBatch(batch); err != nil {
		return nil, err
	}
	var results [][]result
	if err := page.Eval(ctx, "runBatch()", &results); err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, len(runs))
	for i, r := range runs {
		outcomes[i].ID, outcomes[i].Requests = r.id, s.end(r)
		if i >= len(results) || len(results[i]) != len(r.kase.Calls) {
			return nil, fmt.Errorf("%w of case %s", errResults, r.kase)
		}
		for _, got := range results[i] {
			outcomes[i].Results = append(outcomes[i].Results, s.neutral(r, got.String()))
		}
	}
	return outcomes, nil
}

// WarmUp lets Firefox's preflight cache come to its senses: at the start of a session it forgets the first
// few entries, whatever their Max-Age.
func (s *Stage) WarmUp(ctx context.Context, page *lab.Page) error {
	call := Call{URL: "{o1}/c/{id}/0", Method: "PUT"}
	warm := Case{Calls: slices.Repeat([]Call{call}, 8)}
	_, err := s.InBrowser(ctx, page, []Case{warm})
	return err
}

// String is the case as it is kept in the corpus.
func (c *Case) String() string {
	text, err := json.MarshalIndent(c, "", "\t")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

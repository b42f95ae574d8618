package survey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/corsac-cors/corsac"
)

// A normalForm is what corsac export json writes, docs/normal-form.md.
type normalForm struct {
	Version int          `json:"version"`
	Rules   []normalRule `json:"rules"`
}

type normalRule struct {
	Host         string   `json:"host"`
	Path         string   `json:"path"`
	Origins      []string `json:"origins"`
	Methods      []string `json:"methods"`
	Headers      []string `json:"headers"`
	Expose       []string `json:"expose"`
	Credentials  bool     `json:"credentials"`
	MaxAge       *int     `json:"max-age"`
	RefuseOthers bool     `json:"refuse-others"`
	Timing       bool     `json:"timing"`
}

const normalFormVersion = 1

func readJSON(s *Survey, text string) (*Survey, error) {
	var form normalForm
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	if err := d.Decode(&form); err != nil {
		at := spotter{text: text}
		offset := int(d.InputOffset())
		var wrong *json.SyntaxError
		if errors.As(err, &wrong) {
			offset = int(wrong.Offset)
		}
		s.Unsettled = (&syntaxError{at.spot(offset), err.Error()}).Error()
		return s, nil
	}
	if form.Version != normalFormVersion {
		s.Unsettled = fmt.Sprintf("the version is %d, and %d can be read: is it what corsac export json writes?", form.Version, normalFormVersion)
		return s, nil
	}
	for _, r := range form.Rules {
		q := &inquiry{Survey: s, place: place{host: r.Host, path: r.Path}}
		s.add(q.fit(r.rule()))
	}
	return s.settle(), nil
}

func (r *normalRule) rule() corsac.Rule {
	made := corsac.Rule{
		Host: r.Host, Path: r.Path, Origins: r.Origins, Methods: r.Methods, Headers: r.Headers, Expose: r.Expose,
		Credentials: r.Credentials, RefuseOthers: r.RefuseOthers, Timing: r.Timing,
	}
	switch {
	case r.MaxAge == nil:
	case *r.MaxAge == 0:
		made.MaxAge = corsac.NoCache
	case *r.MaxAge < 0 || *r.MaxAge > 24*60*60:
		made.MaxAge = 24 * time.Hour
	default:
		made.MaxAge = time.Duration(*r.MaxAge) * time.Second
	}
	return made
}

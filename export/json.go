package export

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/invopop/jsonschema"
)

// jsonTarget is the policy itself, for programs: its normal form, in which
// nothing is left to be known. docs/normal-form.md tells it field by field.
var jsonTarget = Target{
	Name:     "json",
	Title:    "JSON, the policy's normal form for programs",
	Verified: "a decoder",
	Losses:   []Loss{jsonText},
	write:    writeJSON,
}

var jsonText = Loss{
	Name: "no-utf-8", Effect: Narrower, Feature: Trees,
	Message:     "JSON has no strings but those of Unicode, and the path is not UTF-8",
	Consequence: "a program that reads it finds another path there, and no rule for this one",
}

// NormalFormVersion is the version of what the target json writes. Within a
// version fields are added, never removed, and what one means does not change.
const NormalFormVersion = 1

// NormalFormSchemaURL is where the JSON Schema of the normal form is published.
const NormalFormSchemaURL = "https://raw.githubusercontent.com/corsac-cors/corsac/main/docs/normal-form.schema.json"

// A normalForm is a policy as JSON. Every field is always there, and no list is
// null, so that programs need not ask.
type normalForm struct {
	Schema  string       `json:"$schema" jsonschema_description:"Where the schema of this document is."`
	Version int          `json:"version" jsonschema:"enum=1" jsonschema_description:"The version of this form. Within a version fields are added, never removed, and what one means does not change."`
	Source  string       `json:"source" jsonschema_description:"What the policy was read from."`
	Rules   []normalRule `json:"rules" jsonschema_description:"The rules in the order in which they are to be tried: the first that covers a request's host and path speaks for it, alone. What no rule covers, no page of another origin reads."`
}

type normalRule struct {
	Index        int      `json:"index" jsonschema:"minimum=0" jsonschema_description:"The place of the rule in the policy, counted from 0."`
	Host         string   `json:"host" jsonschema:"example=api.example.com" jsonschema_description:"The one host that the rule is for, in lower case, without port, or the empty string for every host."`
	Path         string   `json:"path" jsonschema:"pattern=^/,example=/users/,example=/health" jsonschema_description:"A path that ends in a slash is a tree: the path without that slash, and all below it. Any other is one resource. It is decoded and clean; a request's path is to be decoded once and cleaned before it is compared, byte for byte."`
	Origins      []string `json:"origins" jsonschema:"minItems=1,example=https://app.example.com" jsonschema_description:"The origins of the pages that may read: exact, every subdomain (https://*.example.org), every port (http://localhost:*), every origin of a scheme (moz-extension://*), null, or * for every origin. Sorted."`
	Methods      []string `json:"methods" jsonschema_description:"The methods besides GET, HEAD and POST, sorted; or * alone for every method. Case-sensitive."`
	Headers      []string `json:"headers" jsonschema_description:"The request headers that scripts may set, sorted without regard to case, groups written out; or * for every header but Authorization, which may follow it."`
	Expose       []string `json:"expose" jsonschema_description:"The response headers that scripts may read besides those that they always may, sorted without regard to case, groups written out; or * alone for every header."`
	Credentials  bool     `json:"credentials" jsonschema_description:"Whether requests may carry cookies, HTTP authentication and client certificates."`
	MaxAge       *int     `json:"max-age" jsonschema:"minimum=0,maximum=86400" jsonschema_description:"How many seconds browsers may remember the answer to a preflight; 0 forbids it. Null: nothing is said, and they take 5 seconds."`
	RefuseOthers bool     `json:"refuse-others" jsonschema_description:"Whether unsafe requests and WebSocket handshakes of other origins are answered 403 and do not reach the API."`
	Timing       bool     `json:"timing" jsonschema_description:"Whether the pages see the detailed timing of responses (Timing-Allow-Origin)."`
}

func writeJSON(p *plan) []File {
	form := normalForm{Schema: NormalFormSchemaURL, Version: NormalFormVersion, Source: p.source, Rules: []normalRule{}}
	for _, r := range p.rules {
		if !utf8.ValidString(r.Path) {
			p.loseIn(jsonText, r, "path")
		}
		form.Rules = append(form.Rules, normalRule{
			Index: r.index, Host: r.Host, Path: r.Path,
			Origins: list(r.Origins), Methods: list(r.Methods), Headers: list(r.Headers), Expose: list(r.Expose),
			Credentials: r.Credentials, MaxAge: seconds(r.MaxAge), RefuseOthers: r.RefuseOthers, Timing: r.Timing,
		})
	}
	return []File{{"policy.json", asJSON(form)}}
}

// list is never nil, which would be written as null.
func list(entries []string) []string { return append([]string{}, entries...) }

// seconds is nil where a rule says nothing.
func seconds(age time.Duration) *int {
	if age == 0 {
		return nil
	}
	s := max(0, int(age/time.Second)) // NoCache is negative
	return &s
}

// asJSON leaves <, > and & as they are: no page shows it.
func asJSON(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(err) // the value is of our own making
	}
	return b.String()
}

// NormalFormSchema is the JSON Schema of what the target json writes.
func NormalFormSchema() []byte {
	r := &jsonschema.Reflector{ExpandedStruct: true, Anonymous: true, DoNotReference: true, AllowAdditionalProperties: true}
	s := r.Reflect(normalForm{})
	s.ID = NormalFormSchemaURL
	s.Title = "The normal form of a Corsac policy"
	s.Description = "What corsac export json writes: which web pages may read which part of an API."
	rule, _ := s.Properties.Get("rules")
	allowNull(rule.Items, "max-age")
	return []byte(asJSON(s))
}

// allowNull has a field be null, which the reflector knows no tag for.
func allowNull(s *jsonschema.Schema, name string) {
	of, _ := s.Properties.Get(name)
	described := of.Description
	of.Description = ""
	s.Properties.Set(name, &jsonschema.Schema{
		OneOf:       []*jsonschema.Schema{of, {Type: "null"}},
		Description: described,
	})
}

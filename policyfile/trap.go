package policyfile

import (
	"strings"

	"github.com/goccy/go-yaml/token"
)

// mendTraps reports values that YAML does not allow without quotes, the star
// above all, and makes strings of them, so that the rest of the file can be
// read and reported too.
func mendTraps(tokens token.Tokens, r *report) token.Tokens {
	kept := make(token.Tokens, 0, len(tokens))
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t.Type == token.AliasType && !aliasNamed(tokens[i:]):
			r.addTrap(t, `write "*" in quotes`, "* begins an alias in YAML")
			t.Type, t.Value = token.DoubleQuoteType, "*"
		case t.Type == token.InvalidType && strings.HasSuffix(t.Value, "@") && i+1 < len(tokens) && tokens[i+1].Type == token.StringType:
			name := tokens[i+1].Value
			r.addTrap(t, "write \"@"+name+"\" in quotes", "@ cannot begin a value in YAML")
			t.Type, t.Value, t.Error = token.DoubleQuoteType, "@"+name, ""
			i++
		}
		kept = append(kept, t)
	}
	return kept
}

// aliasNamed reports whether the star that tokens begin with has a name
// directly behind it.
func aliasNamed(tokens token.Tokens) bool {
	return len(tokens) > 1 && tokens[1].Type == token.StringType &&
		tokens[1].Position.Line == tokens[0].Position.Line && tokens[1].Position.Column == tokens[0].Position.Column+1
}

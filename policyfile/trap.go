package policyfile

import (
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

// mendTraps reports values that YAML does not allow without quotes, the star
// above all, and makes strings of them, so that the rest of the file can be
// read and reported too. It also puts together what the scanner takes apart.
func mendTraps(tokens token.Tokens, r *report) token.Tokens {
	kept := make(token.Tokens, 0, len(tokens))
	var open []token.Type // brackets
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t.Type == token.SequenceStartType || t.Type == token.MappingStartType:
			open = append(open, t.Type)
		case t.Type == token.SequenceEndType || t.Type == token.MappingEndType:
			open = open[:max(len(open)-1, 0)]
		case t.Type == token.MappingValueType && len(open) > 0 && open[len(open)-1] == token.SequenceStartType:
			if n := joinPlain(tokens[max(i-1, 0):]); n > 0 {
				i += n
				continue
			}
		case t.Type == token.AliasType && !aliasNamed(tokens[i:]):
			t.Type, t.Value = token.DoubleQuoteType, "*"
			if i+1 < len(tokens) && isPlain(tokens[i+1]) && adjoin(t, tokens[i+1]) {
				i++
				t.Value += tokens[i].Value
			}
			r.addTrap(t, "write \""+t.Value+"\" in quotes", "* begins an alias in YAML")
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

// joinPlain makes one string again of http://localhost:3000, which the scanner
// takes for a key and its value where brackets stand in braces, and returns how
// many tokens behind the colon belong to it. The tokens begin before the colon.
func joinPlain(tokens token.Tokens) (behind int) {
	first := tokens[0]
	n := 1
	for n < len(tokens) && adjoin(tokens[n-1], tokens[n]) && (isPlain(tokens[n]) || tokens[n].Type == token.MappingValueType || tokens[n].Type == token.AliasType) {
		n++
	}
	if !isPlain(first) || n < 3 {
		return 0
	}
	for _, t := range tokens[1:n] {
		first.Value += t.Value
		first.Origin += t.Origin
	}
	first.Type = token.StringType
	return n - 2
}

func isPlain(t *token.Token) bool {
	switch t.Type {
	case token.StringType, token.IntegerType, token.FloatType:
		return true
	}
	return false
}

// adjoin reports whether nothing stands between two tokens, the first of which
// has no quotes.
func adjoin(a, b *token.Token) bool {
	return a.Position.Line == b.Position.Line && a.Position.Column+utf8.RuneCountInString(a.Value) == b.Position.Column
}

// aliasNamed reports whether the star that tokens begin with has a name
// directly behind it.
func aliasNamed(tokens token.Tokens) bool {
	return len(tokens) > 1 && isPlain(tokens[1]) && adjoin(tokens[0], tokens[1]) && anchorName.MatchString(tokens[1].Value)
}

package http1_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/internal/http1"
)

func TestHeaderReads(t *testing.T) {
	t.Parallel()
	h := http1.Header{{"X-A", "1"}, {"x-b", ""}, {"x-a", "2,3"}, {"Connection", "Keep-Alive, \tfoo"}, {"connection", "bar"}}
	for _, row := range []struct {
		name, value string
		ok          bool
		lines       []string
	}{
		{"x-A", "1, 2,3", true, []string{"1", "2,3"}},
		{"X-B", "", true, []string{""}},
		{"X", "", false, nil},
		{"X-C", "", false, nil},
		{"\u212aeep-Alive", "", false, nil}, // the Kelvin sign is no k
	} {
		value, ok := h.Get(row.name)
		if value != row.value || ok != row.ok || h.Has(row.name) != row.ok {
			t.Errorf("%s: %q, %v, want %q, %v", row.name, value, ok, row.value, row.ok)
		}
		if diff := cmp.Diff(row.lines, h.Values(row.name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
	for token, want := range map[string]bool{"keep-alive": true, "FOO": true, "bar": true, "keep": false, "": false} {
		if h.HasToken("Connection", token) != want {
			t.Errorf("token %q: %v", token, !want)
		}
	}
}

func TestHeaderWrites(t *testing.T) {
	t.Parallel()
	base := func() http1.Header { return http1.Header{{"A", "1"}, {"b", "2"}, {"a", "3"}, {"C", "4"}} }
	for _, row := range []struct {
		name   string
		change func(*http1.Header)
		want   http1.Header
	}{
		{"add", func(h *http1.Header) { h.Add("A", "5") }, append(base(), http1.Field{Name: "A", Value: "5"})},
		{"set keeps the first line's place and case", func(h *http1.Header) { h.Set("a", "5") }, http1.Header{{"A", "5"}, {"b", "2"}, {"C", "4"}}},
		{"set adds", func(h *http1.Header) { h.Set("d", "5") }, append(base(), http1.Field{Name: "d", Value: "5"})},
		{"delete", func(h *http1.Header) { h.Del("a") }, http1.Header{{"b", "2"}, {"C", "4"}}},
		{"delete what is not there", func(h *http1.Header) { h.Del("d") }, base()},
	} {
		h := base()
		clone := h.Clone()
		row.change(&h)
		if diff := cmp.Diff(row.want, h); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
		if diff := cmp.Diff(base(), clone); diff != "" {
			t.Errorf("%s changed the clone:\n%s", row.name, diff)
		}
	}
}

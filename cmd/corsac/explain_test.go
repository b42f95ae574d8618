package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// harOf is a HAR with as many failed requests.
func harOf(requests int) string {
	var entries []string
	for n := range requests {
		entries = append(entries, fmt.Sprintf(`{"_resourceType": "fetch", "request": {"method": "GET", "url": "https://api.example.com/%d", "httpVersion": "HTTP/1.1",
			"headers": [{"name": "Origin", "value": "http://localhost:3000"}]}, "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": []}}`, n))
	}
	return `{"log": {"creator": {"name": "WebInspector"}, "entries": [` + strings.Join(entries, ",") + `]}}`
}

// TestLongHAR: what is left out is said, and can be had.
func TestLongHAR(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		requests int
		args     []string
		reports  int
		said     string
	}{
		{20, nil, 20, ""},
		{23, nil, 20, "corsac: 3 more of the 23 requests are left out: --all explains them, too\n"},
		{23, []string{"--all"}, 23, ""},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append([]string{"explain", "-"}, row.args...), strings.NewReader(harOf(row.requests)), &stdout, &stderr)
		if n := strings.Count(stdout.String(), "✗ BLOCKED"); code != exitNo || n != row.reports || stderr.String() != row.said {
			t.Errorf("%d requests, %v: code %d, %d reports, %q", row.requests, row.args, code, n, stderr.String())
		}
	}
}

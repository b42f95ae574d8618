package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
)

// TestDemo starts the demo as a person does, opens what it prints, and ends it
// as Ctrl-C does.
func TestDemo(t *testing.T) {
	t.Parallel()
	ctx, ctrlC := context.WithCancel(t.Context())
	defer ctrlC()
	stdout, said := io.Pipe()
	var stderr bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"demo", "--no-open", "--page", "127.0.0.1:0", "--gateway", "127.0.0.1:0", "--api", "127.0.0.1:0"}, nil, said, &stderr)
		said.Close()
	}()

	addresses := regexp.MustCompile(`^  (page|gateway|API) +(http://127\.0\.0\.1:\d+) `)
	found := make(map[string]string)
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Ctrl-C") {
		if m := addresses.FindStringSubmatch(lines.Text()); m != nil {
			found[m[1]] = m[2]
		}
	}
	if len(found) != 3 {
		t.Fatalf("addresses %v; stderr %q", found, stderr.String())
	}
	res, err := client.Get(found["page"])
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || res.StatusCode != 200 || !strings.Contains(string(page), "Corsac demo") {
		t.Errorf("the page: %v, %v, %.200q", res.Status, err, page)
	}

	ctrlC()
	go io.Copy(io.Discard, stdout)
	if got := <-code; got != exitFine || stderr.Len() > 0 {
		t.Errorf("exit code %d, stderr %q", got, stderr.String())
	}
	if res, err := client.Get(found["page"]); err == nil {
		res.Body.Close()
		t.Error("the page is still served")
	}
}

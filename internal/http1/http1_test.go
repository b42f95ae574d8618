package http1_test

import (
	"bufio"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/http1"
)

func TestExpectsContinue(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		version, value string
		want           bool
	}{
		{"HTTP/1.1", "100-Continue", true},
		{"HTTP/1.1", "100-continued", false},
		{"HTTP/1.0", "100-continue", false},
	} {
		head := http1.RequestHead{Version: row.version, Header: http1.Header{{"expect", row.value}}}
		if head.ExpectsContinue() != row.want {
			t.Errorf("%s %s: %v", row.version, row.value, !row.want)
		}
	}
}

func TestKindStatus(t *testing.T) {
	t.Parallel()
	for kind, want := range map[http1.Kind]int{
		http1.BareLF: 400, http1.BodyTooLarge: 413, http1.LineTooLong: 431, http1.HeadTooLarge: 431, http1.TooManyFields: 431, http1.BadVersion: 505,
	} {
		if got := kind.Status(); got != want {
			t.Errorf("%s: %d, want %d", kind, got, want)
		}
	}
}

// A reader and a head that are used again keep nothing of what was before.
func TestReset(t *testing.T) {
	t.Parallel()
	r := reader("HTTP/1.1 200 OK\nA: b\nC: d\n\n")
	r.Lenience = http1.Chromium
	var head http1.ResponseHead
	if err := r.ReadResponseHead(&head); err != nil {
		t.Fatal(err)
	}
	r.Reset(bufio.NewReader(strings.NewReader("junk junk")))
	wantFault(t, r.ReadResponseHead(&head), http1.NotHTTP)
	if len(head.Header) > 0 || head.Raw != "" || len(head.Forgiven) > 0 || head.Status != 0 {
		t.Errorf("left over: %+v", head)
	}
	r.Reset(bufio.NewReader(strings.NewReader("HTTP/1.1 204\n\n")))
	if err := r.ReadResponseHead(&head); err != nil || head.Status != 204 {
		t.Errorf("status %d, %v: a reset keeps the lenience and forgets the fault", head.Status, err)
	}
}

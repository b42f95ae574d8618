package http1_test

import (
	"bufio"
	"errors"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac/internal/http1"
)

func TestIsHost(t *testing.T) {
	t.Parallel()
	for _, host := range []string{
		"", "a", "a.test", "A.TEST", "a.test.", "a_b.test", "127.0.0.1", "a.test:80", "a.test:", "[::1]", "[::1]:8080", "[::ffff:1.2.3.4]",
		"xn--bcher-kva.example", "a%20b", "a;b=c!$&'()*+~", "a:65535",
	} {
		if !http1.IsHost(host) {
			t.Errorf("%q is none", host)
		}
	}
	for _, host := range []string{
		"a b", "a,b", "u@a", "a/b", "a?b", "a#b", "a\\b", "a\"b", "a<b>", "a|b", "a^b", "a`b", "a{b}", "é", "a\x00", "a\x7f", "a%", "a%2", "a%zz",
		":80", "a:b", "a:80:81", "a:+1", "a:-1", "a: 1", "::1", "[::1", "[::1]x", "[::1]:b", "[x]", "[]", "a]", "[1.2.3.4]", "[::1%25lo]", "[::1%lo]", "http://a",
		"a:100000", "a:000000000080",
	} {
		if http1.IsHost(host) {
			t.Errorf("%q is one", host)
		}
	}
}

// TestHostsOfTargets: of a URL that names a server, the server's name is as
// strictly read as that of a Host line, which it stands for.
func TestHostsOfTargets(t *testing.T) {
	t.Parallel()
	for target, good := range map[string]bool{
		"http://a.test":         true,
		"http://a.test:80/x?y":  true,
		"http://a.test?y":       true,
		"https://[::1]:443/":    true,
		"http://":               false,
		"http:///x":             false,
		"http://?y":             false,
		"http://:80/x":          false,
		"http://u@a.test/":      false,
		"http://u:p@a.test/":    false,
		"http://@/":             false,
		"http://a,b/":           false,
		"http://a:80:81/":       false,
		"http://a\\b/":          false,
		"http://a\\@b.test/":    false,
		"http://[::1%25lo]/":    false,
		"http://a.test:/x":      true,
		"http://a.test/@b,:c:d": true,
	} {
		var head http1.RequestHead
		err := http1.NewReader(bufio.NewReader(strings.NewReader("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"))).ReadRequestHead(&head)
		if good && err != nil || !good && !errors.Is(err, http1.BadTarget) {
			t.Errorf("%s: %v", target, err)
		}
	}
}

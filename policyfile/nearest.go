package policyfile

import (
	"slices"
	"strings"
)

// nearest finds the key that was meant by one that does not exist.
func nearest(key string, keys []string) (near string, ok bool) {
	if len(key) > 40 {
		return "", false // no slip of the finger
	}
	plain := plainly(key)
	if k := otherWords[plain]; slices.Contains(keys, k) {
		return k, true
	}
	best := max(len(plain)/3, 1) + 1
	for _, k := range keys {
		if n := distance(plain, plainly(k)); n < best {
			near, best, ok = k, n, true
		}
	}
	return near, ok
}

// otherWords are words that others have for the same, and that are not alike.
var otherWords = map[string]string{
	"deny": "block", "refuse": "block", "reject": "block", "forbid": "block", "permit": "allow", "reason": "because",
	"requestheaders": "headers", "responseheaders": "expose", "maxageinseconds": "max-age", "supportscredentials": "credentials", "cookies": "credentials",
	"target": "upstream", "backend": "upstream", "proxypass": "upstream", "to": "upstream", "address": "listen", "bind": "listen", "port": "listen",
	"url": "upstream", "domain": "host", "hostname": "host", "prefix": "path", "certificate": "cert", "servername": "hosts", "domains": "hosts",
	"metrics": "admin", "trustedproxies": "trust-forwarded", "trustproxy": "trust-forwarded", "stripprefix": "strip-path",
}

// plainly makes maxAge, max_age and Access-Control-Max-Age the same, and so
// for what other CORS middleware calls its options.
func plainly(key string) string {
	key = strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(key))
	key = strings.TrimPrefix(key, "accesscontrol")
	if strings.HasPrefix(key, "expose") {
		return "expose"
	}
	for _, prefix := range []string{"allowed", "allow"} {
		if rest := strings.TrimPrefix(key, prefix); len(rest) > len("get") {
			key = rest
		}
	}
	return key
}

// distance is the number of letters to insert, remove, replace or exchange
// with their neighbour that make a of b.
func distance(a, b string) int {
	before, last, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(last[j]+cost, last[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, last, next = last, next, before
	}
	return last[len(b)]
}

package fetch

import (
	"slices"
	"sync"
	"time"
)

// preflightCache holds what servers have allowed, by the agent's clock. It has
// two shapes: entries for single methods and headers, which add up, as in the
// standard; or the last answer for a URL, whole ([Profile.CacheKeepsOneResult]).
//
// https://fetch.spec.whatwg.org/#cors-preflight-cache
type preflightCache struct {
	mu      sync.Mutex
	entries map[cacheKey][]cacheEntry
}

// cacheKey has no network partition: every page is taken for a top-level one,
// whose origin tells the partition.
type cacheKey struct {
	origin string
	url    string // with its fragment
	split  bool   // made with credentials, in a browser that keeps those apart
}

// cacheEntry is the standard's entry with one method or one header name, or an
// answer with all of both.
type cacheEntry struct {
	methods     []string
	headers     []string
	credentials bool
	expires     time.Time
}

// mostCached bounds the URLs that are remembered. Browsers drop entries when
// they like, too.
const mostCached = 10_000

func (f *fetching) cacheKey() cacheKey {
	r := &f.request
	key := cacheKey{origin: f.preflightOrigin(), url: r.urlText()}
	if f.profile.CacheKeyedByPage {
		key.origin = f.originText
	}
	key.split = f.profile.CacheSplitsByCredentials && r.credentials == CredentialsInclude
	return key
}

// cacheSuffices reports whether no preflight is needed for what is cached.
func (f *fetching) cacheSuffices(unsafe []string) bool {
	if f.bypassesCache() {
		return false
	}
	entries := f.preflights().live(f.cacheKey(), f.agent.now)
	if len(entries) == 0 {
		return false
	}
	r := &f.request
	safelisted := IsCORSSafelistedMethod(r.method) && !(r.method == "HEAD" && f.profile.CacheWantsHEAD)
	suffices := safelisted && (!r.usePreflight || f.profile.CacheServesUploads) || f.methodMatch(entries)
	for _, name := range unsafe {
		suffices = suffices && f.headerMatch(entries, name)
	}
	if !suffices && f.profile.CacheKeepsOneResult {
		f.preflights().clearEntries(f.cacheKey())
	}
	return suffices
}

func (f *fetching) bypassesCache() bool {
	if f.cachesNothing() {
		return true
	}
	switch f.cacheMode() {
	case CacheReload, CacheNoStore:
		return f.profile.ReloadBypassesCache
	case CacheNoCache:
		return f.profile.NoCacheBypassesCache
	}
	return false
}

// cachesNothing is true once a redirect has made an origin for itself.
func (f *fetching) cachesNothing() bool {
	return (f.profile.CacheForgetsNull || f.profile.CacheForgetsTainted) && f.isTainted()
}

// preflights is the cache of the agent, or of this fetch alone.
func (f *fetching) preflights() *preflightCache {
	if f.profile.CacheForgetsNull && f.request.origin.IsOpaque() {
		return &f.ofNull
	}
	return &f.agent.preflights
}

// https://fetch.spec.whatwg.org/#concept-cache-match-method
func (f *fetching) methodMatch(entries []cacheEntry) bool {
	return slices.ContainsFunc(entries, func(e cacheEntry) bool {
		return f.entryMatch(e) && (slices.Contains(e.methods, f.request.method) || f.wildcardMatch(e, e.methods))
	})
}

// https://fetch.spec.whatwg.org/#concept-cache-match-header
func (f *fetching) headerMatch(entries []cacheEntry, name string) bool {
	return slices.ContainsFunc(entries, func(e cacheEntry) bool {
		return f.entryMatch(e) && (containsFold(e.headers, name) || (!isNonWildcard(name) || f.profile.CachedWildcardCoversAuthorization) && f.wildcardMatch(e, e.headers))
	})
}

// https://fetch.spec.whatwg.org/#concept-cache-match
func (f *fetching) entryMatch(e cacheEntry) bool {
	return e.credentials || f.request.credentials != CredentialsInclude
}

// wildcardMatch takes "*" of an answer to a preflight with credentials for a
// name where the browser keeps answers whole; the standard's entry forgets
// what it was.
func (f *fetching) wildcardMatch(e cacheEntry, list []string) bool {
	if f.profile.CacheTakesNoWildcard || f.profile.CacheKeepsOneResult && e.credentials {
		return false
	}
	return slices.Contains(list, "*")
}

// cachePreflight stores what an answer allows.
func (f *fetching) cachePreflight(h Header, methods, names []string) {
	if f.cachesNothing() || f.profile.NoStoreKeepsNothing && f.request.cache == CacheNoStore {
		return
	}
	age := f.profile.maxAge(h)
	said, _ := h.Get("Access-Control-Max-Age")
	f.note(preflightCaching, "the answer is kept", fact("Access-Control-Max-Age", said), fact("for", age.String()))
	if age <= 0 {
		return
	}
	answer := cacheEntry{methods, names, f.request.credentials == CredentialsInclude, f.agent.now().Add(age)}
	if f.profile.CacheKeepsOneResult {
		f.preflights().replace(f.cacheKey(), []cacheEntry{answer})
		return
	}
	f.preflights().add(f.cacheKey(), answer, f.agent.now())
}

// live returns the entries that have not expired.
func (c *preflightCache) live(key cacheKey, now func() time.Time) []cacheEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	entries := c.entries[key]
	if len(entries) == 0 {
		return nil
	}
	at := now()
	expired := func(e cacheEntry) bool { return !at.Before(e.expires) }
	if !slices.ContainsFunc(entries, expired) {
		return entries
	}
	// What has been handed out is never written to again.
	live := slices.DeleteFunc(slices.Clone(entries), expired)
	c.store(key, live)
	return live
}

// add makes an entry for each method and header name of an answer, in the place
// of the one there is.
func (c *preflightCache) add(key cacheKey, answer cacheEntry, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	replaced := func(e cacheEntry) bool {
		return !now.Before(e.expires) || e.credentials == answer.credentials &&
			(len(e.methods) == 1 && slices.Contains(answer.methods, e.methods[0]) || len(e.headers) == 1 && containsFold(answer.headers, e.headers[0]))
	}
	entries := make([]cacheEntry, 0, len(c.entries[key])+len(answer.methods)+len(answer.headers))
	for _, e := range c.entries[key] {
		if !replaced(e) {
			entries = append(entries, e)
		}
	}
	for i := range answer.methods {
		entries = append(entries, cacheEntry{answer.methods[i : i+1], nil, answer.credentials, answer.expires})
	}
	for i := range answer.headers {
		entries = append(entries, cacheEntry{nil, answer.headers[i : i+1], answer.credentials, answer.expires})
	}
	c.store(key, entries)
}

func (c *preflightCache) replace(key cacheKey, entries []cacheEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store(key, entries)
}

func (c *preflightCache) store(key cacheKey, entries []cacheEntry) {
	if len(entries) == 0 {
		delete(c.entries, key)
		return
	}
	if c.entries == nil || len(c.entries) >= mostCached {
		c.entries = make(map[cacheKey][]cacheEntry)
	}
	c.entries[key] = entries
}

// clearEntries forgets a URL.
//
// https://fetch.spec.whatwg.org/#concept-cache-clear
func (c *preflightCache) clearEntries(key cacheKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
}

func (c *preflightCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries = nil
}

package fetch

// badPorts are ports of protocols that a request in disguise could harm.
//
// https://fetch.spec.whatwg.org/#bad-port
var badPorts = func() map[string]bool {
	bad := make(map[string]bool)
	for _, port := range []string{
		"0", "1", "7", "9", "11", "13", "15", "17", "19", "20", "21", "22", "23", "25", "37", "42", "43", "53", "69",
		"77", "79", "87", "95", "101", "102", "103", "104", "109", "110", "111", "113", "115", "117", "119", "123",
		"135", "137", "139", "143", "161", "179", "389", "427", "465", "512", "513", "514", "515", "526", "530",
		"531", "532", "540", "548", "554", "556", "563", "587", "601", "636", "989", "990", "993", "995", "1719",
		"1720", "1723", "2049", "3659", "4045", "4190", "5060", "5061", "6000", "6566", "6665", "6666", "6667",
		"6668", "6669", "6679", "6697", "10080",
	} {
		bad[port] = true
	}
	return bad
}()

// https://fetch.spec.whatwg.org/#block-bad-port
func (f *fetching) blockBadPort() *Failure {
	u := f.request.url()
	if u.Port == "" || !u.IsHTTP() || !badPorts[u.Port] {
		return nil
	}
	return f.fail(portBlocking, Failure{Kind: BlockedPort, Value: u.Port}, "browsers fetch nothing from this port", fact("port", u.Port))
}

// https://w3c.github.io/webappsec-mixed-content/#should-block-fetch
func (f *fetching) blockMixedContent() *Failure {
	r := &f.request
	if !r.hasSecurePage() || r.url().Scheme != "http" || isPotentiallyTrustworthy(r.url().Origin()) {
		return nil
	}
	return f.fail(mixedContent, Failure{Kind: MixedContent, Value: r.urlText(), Want: "https"},
		"a page of https may not fetch over http", f.pageFact(), fact("URL", r.urlText()))
}

// hasSecurePage is true of what is sandboxed in a page of https, too.
func (r *request) hasSecurePage() bool {
	return r.origin.Scheme == "https" || r.origin.IsOpaque() && r.page != nil && r.page.Scheme == "https"
}

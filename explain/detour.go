package explain

import (
	"strings"

	"github.com/corsac-cors/corsac/fetch"
	"github.com/corsac-cors/corsac/internal/origins"
)

// detour is the command that puts a gateway in front of a server that refuses
// a page in development, which is one of this machine: whoever writes the page can
// often not change the server. It is empty where that would not help.
func (r *Report) detour(page fetch.Origin, url string) string {
	u, err := fetch.ParseURL(url)
	if err != nil || !u.IsHTTP() || r.Answer != Blocked || !isOfServer(r.Causes) || !origins.IsLoopback(page.Host) {
		return ""
	}
	words := []string{"corsac serve"}
	if u.Port == "8080" && origins.IsLoopback(u.Host) { // where it would listen itself
		words = append(words, "--listen 127.0.0.1:8090")
	}
	words = append(words, "--to "+u.Origin().String(), "--allow "+page.String())
	if r.Request.Credentials == string(fetch.CredentialsInclude) {
		words = append(words, "--credentials")
	}
	return strings.Join(words, " ")
}

// isOfServer: what the server says or does not say in CORS headers is the cause.
func isOfServer(causes []Diagnosis) bool {
	if len(causes) == 0 {
		return false
	}
	for _, prefix := range []string{"CX-O", "CX-P", "CX-C01", "CX-C02", "CX-R01", "CX-H"} {
		if strings.HasPrefix(causes[0].Code, prefix) {
			return true
		}
	}
	return false
}

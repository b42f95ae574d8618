// Package fetch is the browser's half of CORS: the Fetch Standard's algorithms,
// run against a real server, with the browser's verdict at the end.
//
//	var agent fetch.Agent // or fetch.Agent{Profile: fetch.Chrome}
//	verdict := agent.Fetch(ctx, fetch.Request{
//		Origin: "https://app.example.com", // the page's
//		URL:    "https://api.example.com/users",
//		Method: "PUT",
//		Header: fetch.Lines("Authorization: Bearer x"),
//	})
//	if !verdict.OK() {
//		log.Print(verdict.Failure) // method-not-allowed in the preflight of "PUT": found "GET", want "PUT"
//	}
//
// A [Verdict] holds what the page gets: a filtered [Response], or a [Failure]
// with its [Kind]. It also holds how it came about: every [Step] that decided
// something, with the values it compared and the address of the algorithm, and
// every [Exchange], byte for byte as it was on the wire. There is no error
// beside it: what a browser reports to a page, a misuse of fetch() included, is
// a verdict.
//
// An [Agent] is one browser. It follows the standard, or the [Profile] of a
// browser: [Deviations] lists all that sets those apart. It keeps cached
// preflights, cookies and connections, by the clock, in the jar and over the
// dialer that it is given.
//
// A [Transport] is the way to the server. [Handler] makes one of an
// http.Handler, so that a server in this process is judged without a socket.
//
// The files follow the standard's chapters: main.go, http.go, redirect.go,
// network.go, preflight.go, cache.go, cors.go, filter.go. Functions are named
// after the algorithms and cite their addresses. https://fetch.spec.whatwg.org
package fetch

// Package corsac makes an API readable by exactly the web pages that should
// read it. It is the server's half of CORS: a policy, the decision it takes
// about one request, and the middleware that puts it into force.
//
//	policy, err := corsac.New(corsac.Rule{
//		Path:    "/users/",
//		Origins: []string{"https://app.example.com"},
//		Methods: []string{"PUT", "DELETE"},
//		Headers: []string{"Authorization", "Content-Type", "ItemsPerPage", "PageNumber"},
//		Expose:  []string{"TotalItemsCount"},
//	})
//	if err != nil {
//		log.Fatal(err) // everything that is wrong, where, and what to write instead
//	}
//	http.ListenAndServe(":8080", policy.Wrap(mux))
//
// A [Policy] is made of [Rule] values by [New] and is valid by construction:
// what no browser could honour, or what would share with everybody by accident,
// is a [Problem], and there is no policy.
//
// [Policy.Decide] looks at one request, whatever it came by, and returns a
// [Decision]: its kind, the verdict, and what the verdict rests on.
// [Decision.Serve] carries it out, and [Policy.Wrap] does both around an
// http.Handler. The headers of the CORS protocol belong to the policy: they are
// set when the response's head is written, on every response, errors included;
// what the handler says in them does not count, and what it says in Vary stays.
//
// [Live] holds a policy that can be replaced while requests are served.
//
// The terms are those of the Fetch Standard, https://fetch.spec.whatwg.org.
package corsac

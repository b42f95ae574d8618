package corsac_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/corsac-cors/corsac"
)

func Example() {
	policy, err := corsac.New(corsac.Rule{
		Path:    "/users/",
		Origins: []string{"https://app.example.com"},
		Headers: []string{"Authorization", "ItemsPerPage", "PageNumber"},
		Expose:  []string{"TotalItemsCount"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("TotalItemsCount", "1000")
	})
	server := policy.Wrap(api)

	r := httptest.NewRequest("POST", "/users", nil)
	r.Header.Set("Origin", "https://app.example.com")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)

	fmt.Println(w.Header().Get("Access-Control-Allow-Origin"))
	fmt.Println(w.Header().Get("Access-Control-Expose-Headers"))
	fmt.Println(w.Header().Get("Vary"))
	// Output:
	// https://app.example.com
	// TotalItemsCount
	// Origin
}

func ExampleNew() {
	_, err := corsac.New(corsac.Rule{
		Origins:     []string{"https://app.example.com/", "*"},
		Methods:     []string{"put"},
		Credentials: true,
	})
	fmt.Println(err)
	// Output:
	// rules[0].origins[0]: origin "https://app.example.com/" ends in a slash, which no origin does (write "https://app.example.com")
	// rules[0].origins[1]: "*" with credentials: browsers refuse it, and every site could read the data of its visitors (list the origins, or leave credentials away)
	// rules[0].methods[0]: "put" is not "PUT": methods are case-sensitive (write "PUT")
}

func ExamplePolicy_Decide() {
	policy, err := corsac.New(corsac.Rule{
		Path:    "/users/",
		Origins: []string{"https://*.example.org"},
		Methods: []string{"PUT"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	d := policy.Decide(corsac.Request{
		Method: "OPTIONS",
		Path:   "/users/1",
		Header: http.Header{
			"Origin":                        {"https://app.example.org"},
			"Access-Control-Request-Method": {"DELETE"},
		},
	})
	fmt.Println(d.Kind, d.Verdict, d.Reason, d.Name)
	for _, f := range d.AppendFields(nil) {
		fmt.Printf("%s: %s\n", f.Name, f.Value)
	}
	// Output:
	// preflight block method DELETE
	// Access-Control-Allow-Origin: https://app.example.org
	// Access-Control-Allow-Methods: PUT
}

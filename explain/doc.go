// Package explain tells why a page's request fails, or would: it carries the
// request out as a browser does, asks the server what the browser leaves open,
// and puts together the cause, its evidence and the way out.
//
//	report := explain.Explain(ctx, explain.Question{Request: fetch.Request{
//		Origin: "http://localhost:3000",
//		URL:    "https://api.example.com/users",
//		Method: "PUT",
//	}})
//	fmt.Print(report.Text(explain.Style{Width: 80}))
//
// A [Report] has the verdict, the conversation on the wire, what Chrome, Firefox
// and Safari print, the [Diagnosis], every [Obstacle] that comes after the
// first, and the smallest set of headers that would do. It is the same in a
// terminal, as Markdown and as JSON (docs/explain.md).
//
// There is no second opinion in it: package fetch decides what a browser does,
// and what would come after a mended fault is found by letting it fetch again
// from a server that answers as the real one did, but for that fault. A
// diagnosis only adds why. Each has a stable [Code] and a page in docs/explain.
//
// Only OPTIONS, GET and HEAD are sent unless more is permitted. Secrets stay out
// of the report, and nothing of a server stands in it unescaped.
package explain

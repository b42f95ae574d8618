// Package lab asks real browsers: Chromium and Firefox, as Debian ships them, headless, driven over their
// own protocols, with the same few words for both.
//
//	func TestPageReadsUsers(t *testing.T) {
//		for _, b := range lab.Browsers(t) {
//			t.Run(b.Name(), func(t *testing.T) {
//				tab := b.Open(t, "http://localhost:8080/") // skips when the browser is not installed
//				tab.Wait(`document.querySelectorAll("tbody tr").length == 10`)
//
//				total := lab.Value[string](tab, `fetch("http://127.0.0.1:8081/users")
//					.then(answer => answer.headers.get("TotalItemsCount"))`)
//
//				tab.Eval(`fetch("http://127.0.0.1:8081/private").catch(() => {})`, nil)
//				t.Log(tab.WaitConsole(lab.Entry.AboutCORS).Text) // the browser's own words
//
//				tab.Viewport(390, 844)
//				png := tab.Screenshot()
//				…
//			})
//		}
//	}
//
// The browsers start when they are first used and end with the test that called [Browsers], so subtests
// share them; every [Browser.Open] has cookies, caches and storage of its own. A browser that ends,
// however it ends, leaves no process and no file. Programs that are no tests use [Start] and [Page],
// whose methods return their errors.
//
// [WebKit] is WebKitGTK's MiniBrowser, the nearest to Safari that there is on Linux, on a display of its own
// (Xvfb). WebDriver, which it is driven by, tells neither consoles nor failed requests, and shows one page at
// a time, so it is not among [Browsers].
//
// Other programs that tests need and cannot bring along, such as PostgreSQL and nginx, are asked for with
// [Need] and [Path].
package lab

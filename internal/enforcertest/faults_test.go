package enforcertest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/corsac-cors/corsac"
)

// TestReplaysFindTheirFault puts up servers that are right in everything but one
// fault, that of the row: the row must find it.
func TestReplaysFindTheirFault(t *testing.T) {
	t.Parallel()
	for _, row := range Rows() {
		if len(row.Trials) == 0 {
			continue
		}
		known, ok := faults[row.ID]
		if !ok {
			t.Errorf("%s: no server has its fault", row.ID)
		}
		for i, f := range known {
			t.Run(fmt.Sprintf("%s, %d", row.ID, i+1), func(t *testing.T) {
				t.Parallel()
				if !slices.ContainsFunc(row.Trials, func(trial Trial) bool { return len(attemptOnce(t, f.start, trial)) > 0 }) {
					t.Error("found nothing")
				}
			})
		}
	}
}

// TestReplaysFindNothingElse: what carries the faults has none.
func TestReplaysFindNothingElse(t *testing.T) {
	t.Parallel()
	unchanged := afterwards(func(http.Header, *http.Request) {})
	for _, row := range Rows() {
		for _, trial := range row.Trials {
			if faults := attemptOnce(t, unchanged.start, trial); len(faults) > 0 && trial.Want.Status != http.StatusSwitchingProtocols {
				t.Errorf("%s, %s: %q", row.ID, trial.Name, faults)
			}
		}
	}
}

// costly are faults that show as memory and time: the middleware has a test for
// each, and over a socket nothing is to be seen.
var costly []fault

var faults = map[string][]fault{
	"CVE-2019-25211":       {mistaking(each(beginsWith))},
	"CVE-2022-1996":        {mistaking(each(found))},
	"CVE-2024-27302":       {mistaking(each(endsAlike))},
	"GHSA-vhxv-fg4m-p2w8":  {mistaking(concatenated)},
	"GHSA-v84h-653v-4pq9":  {mistaking(concatenated)},
	"CVE-2017-11173":       {mistaking(each(beginsWith))},
	"CVE-2026-25478":       {mistaking(each(alikeButForDots))},
	"CVE-2026-37737":       {mistaking(each(beginsWith))},
	"Kludex/starlette#801": {mistaking(each(beginsAlike)), mistaking(each(coversAnything))},
	"CVE-2023-36829":       {mistaking(each(endsAlike))},
	"CVE-2026-55438":       {mistaking(each(sameFirstLabel))},
	"CVE-2024-25124":       {mistaking(each(endsAlike)), mistaking(each(coversAnything))},
	"Kong/kong#3832":       {mistaking(each(found))},
	"Chainlink gateway":    {mistaking(each(endsAlike))},
	"kdlbs/kandev#1698":    {mistaking(each(beginsAlike)), outside(asWebSocket, upstream)},
	"gradio-app/gradio#13594": {outside(func(r *http.Request) bool {
		return !strings.HasPrefix(r.Host, "127.0.0.1:")
	}, trusted)},
	"Javalin": {outside(func(r *http.Request) bool {
		o := r.Header.Get("Origin")
		return strings.HasPrefix(o, "https://") && !strings.Contains(o, ".")
	}, hangsUp)},

	"CVE-2017-20146": {afterwards(reflect)},
	"CVE-2023-49803": {afterwards(reflect)},
	"CVE-2026-54290": {afterwards(reflect)},
	"CVE-2021-39185": {afterwards(reflect), afterwards(onlyFor("null", reflect))},
	"CVE-2016-10549": {afterwards(reflect), afterwards(onlyFor("null", reflect))},
	"CVE-2018-8014":  {afterwards(reflect)},
	"CVE-2015-9236":  {asked(func(r *http.Request) { r.URL.Path = "/" }, isPreflight)},
	"CVE-2024-47165": {mistaking(each(func(listed, o string) bool { return o == "null" }))},
	"CVE-2024-47084": {
		outside(func(r *http.Request) bool { return r.Method == "GET" && r.Header["Cookie"] != nil }, trusted),
		outside(func(r *http.Request) bool { return r.Method == "POST" && r.Header["Cookie"] != nil }, trusted),
		outside(func(r *http.Request) bool { return r.Header["Authorization"] != nil }, trusted),
	},
	"CVE-2019-9580": {afterwards(func(h http.Header, r *http.Request) {
		if h["Access-Control-Allow-Origin"] == nil {
			h.Set("Access-Control-Allow-Origin", "null")
		}
	})},
	"asm89/stack-cors#85": {
		afterwards(onlyFor("", set("Access-Control-Allow-Origin", ""))),
		afterwards(onlyFor("", set("Access-Control-Allow-Origin", "null"))),
	},
	"CVE-2025-53092": {afterwards(reflect)},
	"CVE-2024-41657": {afterwards(reflect)},
	"CVE-2024-41659": {afterwards(reflect)},
	"CVE-2026-30924": {afterwards(reflect)},
	"CVE-2025-23047": {afterwards(set("Access-Control-Allow-Origin", "*")), early},
	"CVE-2025-24010": {outside(asWebSocket, upstream), afterwards(reflect)},
	"CVE-2025-59956, CVE-2026-9739, CVE-2026-42559": {
		forgetful(func(r *corsac.Rule) { r.RefuseOthers = false }),
		forgetful(func(r *corsac.Rule) { r.Host = "" }),
	},

	"CVE-2017-7674": {
		afterwards(unset("Vary")), afterwards(onlyFor("", unset("Vary"))),
		afterwards(onlyFor(evil, unset("Vary"))), afterwards(onlyFor(app, unset("Vary"))),
	},
	"Play 20171005-CorsVaryHeader": {afterwards(replaceVary)},
	"GHSA-q7jf-gf43-6x6p": {
		afterwards(func(h http.Header, r *http.Request) { h["Vary"] = append(h["Vary"], r.Header["Vary"]...) }),
	},
	"3C-4": {early},

	"CVE-2025-47908": costly, "go-chi/cors#36": costly, "3D-3": costly, "CVE-2026-69207": costly,
	"CVE-2023-35943": {late},
	"CVE-2026-41135": {accumulating()},
	"jub0bs/cors#14": {sharing()},
	"jub0bs/cors#15": {outside(func(r *http.Request) bool {
		return r.Header.Get("Access-Control-Request-Headers") == "authorization,pagenumber"
	}, answers200)},
	"CVE-2024-1681": {
		talkative(func(r *http.Request) string { return r.URL.Path }),
		talkative(func(r *http.Request) string { return r.Header.Get("Origin") }),
	},

	"CVE-2020-25032": {asked(inAPI, beginsAsWritten)},
	"CVE-2019-18978": {asked(inAPI, beginsAsWritten)},
	"CVE-2024-6866":  {asked(func(r *http.Request) { r.URL.Path = strings.ToLower(r.URL.Path) }, ever)},
	"CVE-2024-6844":  {asked(func(r *http.Request) { r.URL.Path = strings.ReplaceAll(r.URL.Path, "+", " ") }, ever)},
	"CVE-2024-6839":  {asked(inAPI, beginsAsWritten)},
	"3E-6":           {asked(func(r *http.Request) { r.URL.Path, _ = url.PathUnescape(r.URL.Path) }, ever)},
	"CVE-2022-4147":  {forgetful(func(r *corsac.Rule) { r.RefuseOthers = false }), forgetful(func(r *corsac.Rule) { r.RefuseOthers = true })},
	"CVE-2020-5397":  {inquisitive},
	"CVE-2017-18903": {disarming},
	"CVE-2024-6221":  {afterwards(allowPrivateNetwork), afterwards(onlyFor(evil, allowPrivateNetwork)), afterwards(onlyFor(app, allowPrivateNetwork))},
	"CVE-2024-23639": {forgetful(func(r *corsac.Rule) { r.RefuseOthers = false })},
	"CVE-2026-49215": {outside(func(r *http.Request) bool { return r.Header["Accept"] != nil }, trusted)},
	"CVE-2014-6439":  {afterwards(reflect), afterwards(set("Access-Control-Allow-Origin", "*"))},
	"CVE-2021-39197, PYSEC-2021-100": {outside(func(r *http.Request) bool {
		return strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain")
	}, trusted)},

	"3G-1": {asked(func(r *http.Request) { r.Header["Origin"] = r.Header["Origin"][:1] }, ofSeveral), mistaking(each(coversAnything)), mistaking(each(endsAlike))},
	"3G-2": {afterwards(unset("Vary")), outside(plainOptions, answers400)},
	"3G-3": {mistaking(each(endsAlike)), mistaking(each(beginsAlike)), afterwards(replaceVary)},
	"3G-4": {
		afterwards(onlyFor(evil, set("Access-Control-Allow-Methods", "PUT"))), afterwards(onlyFor(evil, set("Access-Control-Expose-Headers", "ETag"))),
		afterwards(onlyFor(evil, allowPrivateNetwork)),
	},
	"3G-5": {afterwards(func(h http.Header, r *http.Request) {
		if asked := r.Header["Access-Control-Request-Headers"]; len(asked) > 0 {
			h["Access-Control-Allow-Headers"] = asked
		}
	})},
	"3G-6": {mistaking(each(beginsAlike))},
	"3G-7": {
		mistaking(each(beginsAsExpression)),
		outside(func(r *http.Request) bool { return r.Header.Get("Origin") == "https://app.example.com" }, answers400),
	},
	"3G-8": {afterwards(varyWhereAllowed)},
	"3G-9": {
		outside(func(r *http.Request) bool { return r.Header.Get("Origin") == "null" && r.Method == "POST" }, upstream),
		outside(func(r *http.Request) bool { return r.Header.Get("Origin") == evil && r.Method == "POST" }, upstream),
		afterwards(replaceVary),
	},
	"3G-10": {
		afterwards(set("Access-Control-Allow-Credentials", "true")), afterwards(set("Access-Control-Expose-Headers", "ETag")),
		afterwards(unset("Vary")), early,
	},
	"3G-11": {outside(plainOptions, answers200), afterwards(set("Access-Control-Allow-Methods", "PUT")), afterwards(set("Access-Control-Max-Age", "5"))},
	"3G-12": {afterwards(unset("Vary"))},
	"3G-13": {afterwards(unset("Vary")), afterwards(onlyFor(evil, set("Access-Control-Allow-Methods", "PUT"))), early},
	"3G-14": {afterwards(reflect)},
	"3G-16": {afterwards(varyWhereAllowed)},
	"3G-17": {outside(func(r *http.Request) bool { return r.Header.Get("Origin") == evil && r.Method == "GET" }, answers200)},
}

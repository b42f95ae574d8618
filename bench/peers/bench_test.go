package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsac-cors/corsac/internal/lab"
)

// Of the peers' answers, these are known to be wrong.
var knownWrong = map[string]bool{}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range cases() {
		for _, p := range peers {
			t.Run(p.name+"/"+c.name, func(t *testing.T) {
				_, err := judge(&c, func(next http.Handler) (http.Handler, error) { return p.wrap(c.policy, 0, next) })
				if (err != nil) != knownWrong[p.name+"/"+c.name] {
					t.Errorf("wrong: %v", err)
				}
			})
		}
	}
}

// The judge has to notice: a server that answers nothing allows nothing, one
// that allows everything refuses nothing.
func TestJudge(t *testing.T) {
	t.Parallel()
	silent := func(next http.Handler) (http.Handler, error) { return next, nil }
	lavish := func(next http.Handler) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, name := range []string{"Origin", "Methods", "Headers"} {
				w.Header().Set("Access-Control-Allow-"+name, "*")
			}
			if r.Method != http.MethodOptions {
				next.ServeHTTP(w, r)
			}
		}), nil
	}
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			_, ofSilent := judge(&c, silent)
			_, ofLavish := judge(&c, lavish)
			if c.verdict == allowed && (ofSilent == nil || ofLavish != nil) ||
				c.verdict == refused && ofLavish == nil {
				t.Errorf("of the silent server: %v; of the lavish one: %v", ofSilent, ofLavish)
			}
		})
	}
}

func TestPublicDesign(t *testing.T) {
	t.Parallel()
	public := 0
	for _, c := range cases() {
		if !c.extra {
			public++
		}
	}
	if public != 19 {
		t.Errorf("%d cases of the public design and the bare handler; they are 20", public)
	}
}

// Not parallel: what others allocate would be counted too.
func TestAllocations(t *testing.T) {
	for _, c := range cases() {
		h, err := wrapCorsac(c.policy, 0, c.next())
		if err != nil {
			t.Fatal(err)
		}
		s := newSubject(&c, h)
		if got := testing.AllocsPerRun(100, func() { s.run(1) }); got > 1 {
			t.Errorf("%s: %v allocations", c.name, got)
		}
	}
}

func TestMiddlewares(t *testing.T) {
	t.Parallel()
	p := plan{rounds: 1, sample: time.Microsecond}
	m, err := middlewares(p, func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Rows) != len(cases()) {
		t.Errorf("%d rows for %d cases", len(m.Rows), len(cases()))
	}
	for _, cells := range m.Rows {
		if len(cells) != len(m.Header) {
			t.Errorf("%d cells below %d headings: %q", len(cells), len(m.Header), cells)
		}
	}
}

func TestOutput(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"text", nil, "\none request allowed "},
		{"markdown", []string{"-markdown"}, "\n| one request allowed |"},
		{"json", []string{"-json"}, `"Case": "one request allowed"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			args := append([]string{"-rounds=1", "-sample=1us", "-heap=0", "-only=^one request allowed$"}, tt.args...)
			if code := run(t.Context(), args, &out, io.Discard); code != 0 {
				t.Fatalf("exit %d", code)
			}
			if !strings.Contains(out.String(), tt.want) {
				t.Errorf("no %q in\n%s", tt.want, out.String())
			}
			if tt.name == "json" && !json.Valid(out.Bytes()) {
				t.Error("it is no JSON")
			}
		})
	}
}

func TestMisuse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ arg, want string }{
		{"-rounds=0", "-rounds 1 or more"},
		{"-heap=-1", "-heap 0 or more"},
		{"-only=(", "missing closing"},
		{"gateway", `unexpected "gateway"`},
		{"-fast", "not defined"},
	} {
		t.Run(tt.arg, func(t *testing.T) {
			t.Parallel()
			var said bytes.Buffer
			if code := run(t.Context(), []string{tt.arg}, io.Discard, &said); code != 2 || !strings.Contains(said.String(), tt.want) {
				t.Errorf("exit %d, %q", code, said.String())
			}
		})
	}
}

func TestScale(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 1000} {
		s := &table{}
		if err := scaleRow(s, n); err != nil {
			t.Error(err)
		}
		list := longList(n)
		slices.Sort(list)
		if got := len(slices.Compact(list)); got != n {
			t.Errorf("%d different origins, not %d", got, n)
		}
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	calls := session()
	urls, asks, methods, headers := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[int]bool{}
	for _, c := range calls {
		urls[c.Path] = true
		methods[c.Method] = true
		headers[len(c.Headers)*10+len(c.Headers["X-Tenant"])+2*len(c.Headers["Content-Type"])] = true
		if c.Method != http.MethodGet || len(c.Headers) > 0 {
			asks[c.Path] = true
		}
	}
	if len(calls) != 100 || len(urls) != 10 || len(asks) != 10 || len(methods) != 4 || len(headers) != 5 {
		t.Errorf("%d requests, %d URLs, %d of them with preflights, %d methods, %d sets of headers",
			len(calls), len(urls), len(asks), len(methods), len(headers))
	}
}

func TestPreflights(t *testing.T) {
	t.Parallel()
	lab.Need(t, "chromium")
	browser, err := lab.Start(t.Context(), "chromium")
	if err != nil {
		t.Fatal(err)
	}
	defer browser.Close()
	n, err := countPreflights(t.Context(), browser, &peers[0], 1)
	if err != nil {
		t.Fatal(err)
	}
	if n != 10 {
		t.Errorf("%d preflights for 10 URLs", n)
	}
}

// Not parallel: it takes all cores but one away, and counts allocations.
func TestVerdicts(t *testing.T) {
	inside, err := measureInProcess(t.Context(), plan{rounds: 1, sample: time.Microsecond})
	if err != nil {
		t.Fatal(err)
	}
	for i := range inside {
		m := &inside[i]
		if m.perSecond <= 0 || m.allocations <= 0 {
			t.Errorf("%s: %v a second, %v allocations", fetchCases[i].name, m.perSecond, m.allocations)
		}
	}
}

func TestVerdictsBesideBrowser(t *testing.T) {
	t.Parallel()
	lab.Need(t, "chromium")
	browser, err := lab.Start(t.Context(), "chromium")
	if err != nil {
		t.Fatal(err)
	}
	defer browser.Close()
	var v table
	if err := engineRow(t.Context(), &v, &fetchCases[2], &inProcess{perSecond: 1, allocations: 1}, plan{rounds: 1, sample: time.Microsecond}, browser); err != nil {
		t.Fatal(err)
	}
	for _, cell := range v.Rows[0] {
		if cell == "" || cell == "–" {
			t.Errorf("an empty cell in %q", v.Rows[0])
		}
	}
}

func TestExplainTime(t *testing.T) {
	t.Parallel()
	v, err := explaining(t.Context(), plan{rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range v.Rows {
		if requests := cells[len(cells)-1]; requests == "0" {
			t.Errorf("%s: no request was sent", cells[0])
		}
	}
}

func TestGateway(t *testing.T) {
	t.Parallel()
	wrk := lab.Path(t, "wrk")
	lab.Need(t, "nginx")
	api, servers, err := startServers(t.Context())
	for _, s := range append(servers, api) {
		if s != nil {
			defer s.stop()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range servers {
		for _, l := range loads {
			if err := l.check(t.Context(), s.addr); err != nil {
				t.Errorf("%s, %s: %v", s.name, l.name, err)
			}
		}
		got, err := loads[0].put(t.Context(), wrk, s, time.Second)
		if err != nil || got.rate <= 0 || got.p99 <= 0 {
			t.Errorf("%s: %+v, %v", s.name, got, err)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		v    float64
		want string
	}{
		{0, "0"}, {-0.2, "0"}, {-12, "-12"}, {999.4, "999"}, {1000, "1,000"}, {1234567, "1,234,567"}, {math.NaN(), "–"},
	} {
		if got := number(tt.v); got != tt.want {
			t.Errorf("number(%v) = %q, not %q", tt.v, got, tt.want)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3}, {[]float64{3, 1}, 2}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := median(tt.values); got != tt.want {
			t.Errorf("median(%v) = %v, not %v", tt.values, got, tt.want)
		}
	}
	if got := geometricMean([]float64{1, 4}); math.Abs(got-2) > 1e-9 {
		t.Errorf("geometric mean of 1 and 4 = %v", got)
	}
}

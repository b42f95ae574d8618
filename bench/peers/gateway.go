package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/corsac-cors/corsac/internal/lab"
)

// The server that is measured has a core of its own; what loads it, and the API
// behind it, share the other.
const (
	coreOfServer = 0
	coreOfOthers = 1
)

const connections = 64

// A load is a request that is sent as often as the server answers it.
type load struct {
	name    string
	method  string
	headers map[string]string
	status  int
	allow   string // Access-Control-Allow-Origin
}

var loads = []load{
	{"allowed preflight", http.MethodOptions, preflightOf("https://tenant042.example.net"), 204, "https://tenant042.example.net"},
	{"refused preflight", http.MethodOptions, preflightOf("https://evil.example.org"), 403, ""},
	{"proxied GET, 1 KiB", http.MethodGet, map[string]string{"Origin": "https://tenant042.example.net"}, 200, "https://tenant042.example.net"},
}

// preflightOf is a preflight as a browser sends it.
func preflightOf(origin string) map[string]string {
	return map[string]string{
		"Origin":                         origin,
		"Access-Control-Request-Method":  "PUT",
		"Access-Control-Request-Headers": "authorization,content-type",
		"Accept":                         "*/*",
		"Accept-Encoding":                "gzip, deflate, br, zstd",
		"Accept-Language":                "en-US,en;q=0.9",
		"Referer":                        origin + "/",
		"Sec-Fetch-Dest":                 "empty",
		"Sec-Fetch-Mode":                 "cors",
		"Sec-Fetch-Site":                 "cross-site",
		"User-Agent":                     "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
	}
}

// A throughput is what one server did under one load for a while: requests a
// second, microseconds of its processor a request, milliseconds of latency.
type throughput struct{ rate, cpu, p99 float64 }

// gateways holds the gateway against nginx.
func gateways(ctx context.Context, p plan) (*table, error) {
	if runtime.NumCPU() < 2 {
		return nil, errors.New("two cores are needed, one for the server and one for the load")
	}
	wrk, err := lab.Find("wrk")
	if err != nil {
		return nil, err
	}
	api, servers, err := startServers(ctx)
	defer func() {
		for _, s := range append(servers, api) {
			if s != nil {
				s.stop()
			}
		}
	}()
	if err != nil {
		return nil, err
	}
	rounds := min(p.rounds, 5)
	const window = 2 * time.Second
	results := make(map[string][]throughput)
	for range rounds {
		for _, l := range loads {
			for _, s := range servers {
				if err := l.check(ctx, s.addr); err != nil {
					return nil, fmt.Errorf("%s, %s: %w", s.name, l.name, err)
				}
				r, err := l.put(ctx, wrk, s, window)
				if err != nil {
					return nil, fmt.Errorf("%s, %s: %w", s.name, l.name, err)
				}
				results[s.name+l.name] = append(results[s.name+l.name], r)
			}
		}
	}
	return gatewayTable(results, rounds, window), nil
}

func gatewayTable(results map[string][]throughput, rounds int, window time.Duration) *table {
	t := &table{
		Title: "Gateway",
		Lead: fmt.Sprintf("`corsac serve` and nginx with the same policy, one core each (GOMAXPROCS=1, one worker), HTTP/1.1, %d connections, wrk and the API on the other core. "+
			"Medians of %d interleaved rounds of %v; the ratio is the median of the rounds'. CPU is that of the server, and does not depend on what else the machine does.", connections, rounds, window),
		Header: []string{"load", "nginx req/s", "corsac req/s", "ratio", "nginx CPU/req", "corsac CPU/req", "ratio", "nginx p99", "corsac p99"},
		Notes:  []string{"The gateway stands on net/http, which was expected at 0.3 to 0.5 of nginx. Preflights that are not the first on their connection it answers by itself, and to an upstream in HTTP/1.1 without TLS, as here, it writes by itself."},
	}
	of := func(runs []throughput, value func(throughput) float64) (values []float64) {
		for _, r := range runs {
			values = append(values, value(r))
		}
		return values
	}
	ratio := func(a, b []float64) string {
		var ratios []float64
		for i := range min(len(a), len(b)) {
			ratios = append(ratios, a[i]/b[i])
		}
		return decimals(median(ratios))
	}
	for _, l := range loads {
		nginx, corsac := results["nginx"+l.name], results["corsac"+l.name]
		rate := func(r throughput) float64 { return r.rate }
		cpu := func(r throughput) float64 { return r.cpu }
		p99 := func(r throughput) float64 { return r.p99 }
		t.add(l.name,
			number(median(of(nginx, rate))), number(median(of(corsac, rate))), ratio(of(corsac, rate), of(nginx, rate)),
			decimals(median(of(nginx, cpu)))+" µs", decimals(median(of(corsac, cpu)))+" µs", ratio(of(corsac, cpu), of(nginx, cpu)),
			decimals(median(of(nginx, p99)))+" ms", decimals(median(of(corsac, p99)))+" ms")
	}
	return t
}

// startServers starts the API, and nginx and the gateway in front of it.
func startServers(ctx context.Context) (api *process, servers []*process, err error) {
	nginx, err := lab.Find("nginx")
	if err != nil {
		return nil, nil, err
	}
	corsac, err := buildCorsac(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(filepath.Dir(corsac))
	var addr [3]string
	for i := range addr {
		var e error
		addr[i], e = free()
		err = cmp.Or(err, e)
	}
	if err != nil {
		return nil, nil, err
	}
	nginxCommand := []string{nginx, "-p", ".", "-c", "conf", "-e", "stderr"}
	api, err = start(ctx, coreOfOthers, "the API", addr[0], nginxConf("", apiServer(addr[0])), nginxCommand...)
	if err != nil {
		return nil, nil, err
	}
	front, err := start(ctx, coreOfServer, "nginx", addr[1], nginxConf(nginxMap(), nginxServer(addr[1], addr[0])), nginxCommand...)
	if err != nil {
		return api, nil, err
	}
	gateway, err := start(ctx, coreOfServer, "corsac", addr[2], corsacYAML(addr[2], addr[0]), corsac, "serve", "conf")
	if err != nil {
		return api, []*process{front}, err
	}
	return api, []*process{front, gateway}, nil
}

// buildCorsac builds the command from this checkout.
func buildCorsac(ctx context.Context) (path string, err error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/corsac-cors/corsac").Output()
	if err != nil {
		return "", fmt.Errorf("finding the checkout: %w: run this in bench/", err)
	}
	dir, err := os.MkdirTemp("", "corsac-bench-")
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "corsac")
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/corsac")
	build.Dir = strings.TrimSpace(string(root))
	if said, err := build.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("building corsac: %w: %s", err, said), os.RemoveAll(dir))
	}
	return path, nil
}

// check asks once, so that no server is fast by being wrong.
func (l *load) check(ctx context.Context, addr string) error {
	r, err := http.NewRequestWithContext(ctx, l.method, "http://"+addr+"/users", nil)
	if err != nil {
		return err
	}
	for name, value := range l.headers {
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	allow := answer.Header.Values("Access-Control-Allow-Origin")
	if answer.StatusCode != l.status || strings.Join(allow, "|") != l.allow || !varies(answer.Header) {
		return fmt.Errorf("the answer is %s, Allow-Origin %q, Vary %q; it should be %d and %q",
			answer.Status, allow, answer.Header.Values("Vary"), l.status, l.allow)
	}
	return nil
}

var (
	rateOf = regexp.MustCompile(`Requests/sec:\s*([0-9.]+)`)
	p99Of  = regexp.MustCompile(`99%\s*([0-9.]+)(us|ms|s)`)
	sumOf  = regexp.MustCompile(`(\d+) requests in`)
)

// put loads a server for a while.
func (l *load) put(ctx context.Context, wrk string, s *process, window time.Duration) (r throughput, err error) {
	script := filepath.Join(s.dir, "load.lua")
	if err := os.WriteFile(script, []byte(l.lua()), 0o600); err != nil {
		return r, err
	}
	before, err := s.cpu()
	if err != nil {
		return r, err
	}
	said, err := exec.CommandContext(ctx, "taskset", "-c", strconv.Itoa(coreOfOthers), wrk, "-t1", "-c"+strconv.Itoa(connections),
		fmt.Sprintf("-d%ds", int(window.Seconds())), "--latency", "-s", script, "http://"+s.addr+"/users").CombinedOutput()
	if err != nil {
		return r, fmt.Errorf("wrk: %w: %s", err, said)
	}
	after, err := s.cpu()
	if err != nil {
		return r, err
	}
	rate, sum, p99 := rateOf.FindSubmatch(said), sumOf.FindSubmatch(said), p99Of.FindSubmatch(said)
	if rate == nil || sum == nil || p99 == nil {
		return r, fmt.Errorf("wrk said what it never says: %s", said)
	}
	latency, err := time.ParseDuration(string(p99[1]) + string(p99[2]))
	if err != nil {
		return r, err
	}
	r.rate, _ = strconv.ParseFloat(string(rate[1]), 64)
	requests, _ := strconv.ParseFloat(string(sum[1]), 64)
	r.cpu = float64((after - before).Microseconds()) / requests
	r.p99 = latency.Seconds() * 1000
	return r, nil
}

// lua is the load as a script for wrk.
func (l *load) lua() string {
	var b strings.Builder
	fmt.Fprintf(&b, "wrk.method = %q\n", l.method)
	for name, value := range l.headers {
		fmt.Fprintf(&b, "wrk.headers[%q] = %q\n", name, value)
	}
	return b.String()
}

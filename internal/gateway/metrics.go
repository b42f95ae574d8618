package gateway

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what /metrics shows. No label has a value that a client can
// choose: routes are those of the configuration, methods and statuses classes.
type metrics struct {
	registry  *prometheus.Registry
	decisions *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	faults    *prometheus.CounterVec
	reloads   *prometheus.CounterVec
	inFlight  prometheus.GaugeFunc
}

func newMetrics(version string, inFlight func() float64) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "corsac_decisions_total", Help: "Decisions of the policy.",
		}, []string{"route", "kind", "verdict", "reason"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "corsac_request_duration_seconds", Help: "Time from a request's head to the end of its response.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"route", "method", "status"}),
		faults: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "corsac_upstream_errors_total", Help: "Requests to upstreams that came to no proper end.",
		}, []string{"route", "error"}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "corsac_reloads_total", Help: "Attempts to replace the configuration.",
		}, []string{"result"}),
		inFlight: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "corsac_requests_in_flight", Help: "Requests on their way to an upstream and back.",
		}, inFlight),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "corsac_build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": cmp.Or(version, "unknown")},
	})
	build.Set(1)
	m.registry.MustRegister(m.decisions, m.duration, m.faults, m.reloads, m.inFlight, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, result := range []string{reloadDone, reloadRefused} {
		m.reloads.WithLabelValues(result)
	}
	return m
}

const (
	reloadDone    = "done"
	reloadRefused = "refused"
)

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// noRoute is the route of requests that none takes.
const noRoute = "none"

func (r *route) label() string {
	if r == nil {
		return noRoute
	}
	return r.pattern
}

func (m *metrics) observe(x *exchange) {
	d := x.decision
	m.decisions.WithLabelValues(x.route.label(), string(d.Kind), string(d.Verdict), string(d.Reason)).Inc()
	m.duration.WithLabelValues(x.route.label(), methodClass(x.request.Method), statusClass(x.response.status)).
		Observe(time.Since(x.start).Seconds())
}

func (m *metrics) fault(r *route, f fault) {
	m.faults.WithLabelValues(r.label(), string(f)).Inc()
}

func (m *metrics) reloaded(err error) {
	result := reloadDone
	if err != nil {
		result = reloadRefused
	}
	m.reloads.WithLabelValues(result).Inc()
}

func methodClass(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return method
	}
	return "other"
}

func statusClass(status int) string {
	if status < 100 || status > 599 {
		return "none"
	}
	return strconv.Itoa(status/100) + "xx"
}

package gateway

type metrics struct{}

func newMetrics(version string) *metrics   { return &metrics{} }
func (m *metrics) observe(x *exchange)     {}
func (m *metrics) fault(r *route, f fault) {}

package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/corsac-cors/corsac/policyfile"
)

// A fault is where the blame for a request without a response lies. Metrics
// count upstreams' faults by these words.
type fault string

const (
	faultClient  fault = "client"  // it went away, or sent no proper body
	faultConnect fault = "connect" // no connection to the upstream
	faultTLS     fault = "tls"     // no trust in it, or none of it in us
	faultTimeout fault = "timeout" // it took too long
	faultBroken  fault = "broken"  // it hung up before its response, or sent none
	faultAborted fault = "aborted" // it hung up in the middle of its response
)

// statusClientGone is what logs and metrics say of a request whose client did
// not wait. It is nginx's number, and never sent.
const statusClientGone = 499

// fail answers a request that has come to nothing at the upstream.
func (x *exchange) fail(w http.ResponseWriter, r *http.Request, err error) {
	if cause := context.Cause(r.Context()); errors.Is(cause, errNotTaken) {
		err = cause
	}
	x.failure = err
	if x.response.hijacked {
		return
	}
	if x.body != nil {
		if err := x.body.err(x.request.Context().Err() != nil); err != nil {
			x.failure = nil // what it came to at the upstream
			x.failBody(w, err)
			return
		}
	}
	fault := x.faultOf(err)
	if fault == faultClient {
		x.failure, x.response.status = x.errLeft(), statusClientGone
		panic(http.ErrAbortHandler)
	}
	x.gateway.metrics.fault(x.route, fault)
	if fault == faultTimeout {
		x.problem(w, http.StatusGatewayTimeout, "the server behind this gateway did not answer in time")
		return
	}
	x.problem(w, http.StatusBadGateway, detailOf[fault])
}

var detailOf = map[fault]string{
	faultConnect: "the server behind this gateway cannot be reached",
	faultTLS:     "the server behind this gateway could not prove who it is",
	faultBroken:  "the server behind this gateway sent no proper response",
}

// failBody answers a request whose own body is what went wrong.
func (x *exchange) failBody(w http.ResponseWriter, err error) {
	switch limits := x.runtime.gateway.Limits; {
	case errors.Is(err, errTooLarge):
		x.problem(w, http.StatusRequestEntityTooLarge, tooLarge(limits.Body))
	case errors.Is(err, os.ErrDeadlineExceeded):
		x.problem(w, http.StatusRequestTimeout, "the request's body did not arrive in time")
	default:
		x.failure = err
		x.problem(w, http.StatusBadRequest, "the request's body could not be read")
	}
}

func tooLarge(limit policyfile.Size) string {
	return fmt.Sprintf("the request's body is larger than %s", limit)
}

func (x *exchange) faultOf(err error) fault {
	var (
		network net.Error
		at      = new(net.OpError)
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
	)
	errors.As(err, &at)
	switch {
	case x.request.Context().Err() != nil && errors.Is(err, context.Canceled):
		return faultClient
	case errors.As(err, &network) && network.Timeout():
		return faultTimeout
	case errors.As(err, &cert), errors.As(err, &record), at.Op == "remote error": // an alert
		return faultTLS
	case at.Op == "dial":
		return faultConnect
	}
	return faultBroken
}

// brokenOff is why a response has begun and not ended. Its client's connection
// is cut, so that no part is taken for the whole.
func (x *exchange) brokenOff() error {
	if x.request.Context().Err() != nil {
		return x.errLeft()
	}
	x.gateway.metrics.fault(x.route, faultAborted)
	return errAborted
}

// errLeft is what the log says where a client did not wait. When the gateway
// ends, it may have been the one that did not.
func (x *exchange) errLeft() error {
	if x.gateway.draining.Load() {
		return errEnding
	}
	return errLeft
}

var (
	errAborted = errors.New("the upstream hung up in the middle of its response")
	// errNotTaken is a timeout, as others to which Go gives a type.
	errNotTaken = fmt.Errorf("the upstream does not take the request: %w", os.ErrDeadlineExceeded)

	errLeft   = errors.New("the client did not wait")
	errEnding = errors.New("the gateway is ending, and did not wait, or the client did not")
)

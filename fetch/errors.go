package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/corsac-cors/corsac/internal/http1"
)

// Error makes a Kind an error, for transports that know what a failure is
// called.
func (k Kind) Error() string { return string(k) }

// kindOfError names an error of a transport.
func kindOfError(ctx context.Context, err error) Kind {
	var kind Kind
	switch {
	case errors.As(err, &kind):
		return kind
	case errors.Is(err, context.DeadlineExceeded), errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return TimedOut
	case errors.Is(err, context.Canceled), ctx.Err() != nil:
		return Canceled
	}
	if kind := kindOfHTTPError(err); kind != "" {
		return kind
	}
	return kindOfConnectionError(err)
}

func kindOfHTTPError(err error) Kind {
	switch {
	case errors.Is(err, http1.Truncated):
		return ConnectionClosed
	case errors.Is(err, http1.HeadTooLarge), errors.Is(err, http1.LineTooLong), errors.Is(err, http1.TooManyFields),
		errors.Is(err, http1.TooManyInterim), errors.Is(err, http1.BodyTooLarge), errors.Is(err, http1.ExtTooLarge):
		return ResponseTooLarge
	}
	var malformed *http1.Error
	if errors.As(err, &malformed) {
		return MalformedResponse
	}
	return ""
}

// isAlert reports whether either side has ended TLS with an alert. crypto/tls
// keeps the alert's type for itself.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}

func kindOfConnectionError(err error) Kind {
	var (
		dns        *net.DNSError
		record     tls.RecordHeaderError
		certifying *tls.CertificateVerificationError
		authority  x509.UnknownAuthorityError
		op         *net.OpError
	)
	switch {
	case errors.As(err, &dns):
		return NameNotResolved
	case isAlert(err), errors.As(err, &record), errors.As(err, &certifying), errors.As(err, &authority):
		return TLSFailed
	case errors.Is(err, syscall.ECONNREFUSED):
		return ConnectionRefused
	case errors.As(err, &op) && op.Op == "dial":
		return ConnectionFailed
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return ConnectionClosed
	}
	return MalformedResponse
}

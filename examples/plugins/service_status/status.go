// Package servicestatus looks at services from where scriptd runs: does one answer, how, and how fast.
package servicestatus

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

// Params are what service_status takes.
type Params struct {
	// Health check URL of the service, http or https.
	ServiceURL string `json:"service_url" format:"uri"`
	Timeout    int    `json:"timeout" default:"5" minimum:"1" maximum:"60" doc:"seconds to wait for the answer"`
}

// Status is what service_status finds.
type Status struct {
	// Healthy is true for an answer with a status of 200 to 299, after redirects.
	Healthy bool `json:"healthy"`
	// StatusCode is 0 where there was no answer.
	StatusCode int `json:"status_code"`
	// ResponseTimeMS counts from the first name lookup to the header of the answer, or to the failure, in milliseconds.
	ResponseTimeMS float64 `json:"response_time_ms"`
	// Error says why there was no answer.
	Error string `json:"error,omitempty"`
}

// Register tells scriptd what this package offers.
func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{
		Name:        "service_status",
		Description: "Query the health of a service over HTTP",
		Category:    plugin.Diagnostic,
	}, check)
}

// check fails only where it cannot find out. A service that does not answer is a finding like any other: the caller
// asked whether the service is healthy, and learns that it is not, and why.
func check(ctx context.Context, p Params) (Status, error) {
	target, err := url.Parse(p.ServiceURL)
	if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
		return Status{}, plugin.Invalid("service_url: want an http or https URL with a host")
	}
	timeout := time.Duration(p.Timeout) * time.Second
	probe, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(probe, http.MethodGet, p.ServiceURL, http.NoBody)
	if err != nil {
		return Status{}, plugin.Invalid("service_url: %w", err)
	}
	// A connection that an earlier check left open would hide that the service takes no new ones.
	req.Close = true

	start := time.Now()
	resp, err := http.DefaultClient.Do(req)
	status := Status{ResponseTimeMS: float64(time.Since(start).Microseconds()) / 1000}
	if err != nil {
		if ctx.Err() != nil {
			return Status{}, fmt.Errorf("check %s: %w", target.Host, ctx.Err())
		}
		status.Error = reason(err, timeout)
		plugin.Log(ctx).Info("service does not answer", "host", target.Host, "error", status.Error)
		return status, nil
	}
	defer resp.Body.Close()
	status.StatusCode = resp.StatusCode
	status.Healthy = resp.StatusCode >= 200 && resp.StatusCode < 300
	return status, nil
}

// reason is err without the method and the URL that the HTTP client puts before it: the caller knows them.
func reason(err error, timeout time.Duration) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %s", timeout)
	}
	if inner := errors.Unwrap(err); inner != nil {
		return inner.Error()
	}
	return err.Error()
}

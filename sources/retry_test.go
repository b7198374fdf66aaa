package sources_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/scriptd/scriptd/sources"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "120": 2 * time.Minute, "Fri, 20 Nov 2026 10:05:00 GMT": 5 * time.Minute, "Fri, 20 Nov 2026 09:00:00 GMT": 0,
		"-5": 0, "soon": 0, "1.5": 0, "99999999": time.Hour, "99999999999999999999": 0, "Fri, 20 Nov 2099 10:05:00 GMT": time.Hour,
	} {
		err := fmt.Errorf("poll: %w", sources.Fail(sources.Transient, sources.NewStatusError(503, http.Header{"Retry-After": {value}}, now), "ask"))
		if got := sources.RetryAfter(err); got != want {
			t.Errorf("Retry-After %q is %s, want %s", value, got, want)
		}
		if got := err.Error(); got != "poll: ask: the server answers 503 Service Unavailable" {
			t.Errorf("error %q", got)
		}
	}
	if got := sources.RetryAfter(errors.New("x")); got != 0 {
		t.Errorf("an error that is none of an answer: %s", got)
	}
	if got := sources.NewStatusError(599, nil, now).Error(); got != "the server answers 599" {
		t.Errorf("error %q", got)
	}
}

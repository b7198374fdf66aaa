package http

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
	"github.com/scriptd/scriptd/plugin"
)

// The time before a request is tried again doubles from the first to the longest.
const (
	firstWait   = 200 * time.Millisecond
	longestWait = 30 * time.Second
)

// get asks until there is an answer that is worth no other try: 429 and 5xx are tried again, while there are attempts and time.
func (c *client) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	wait := firstWait
	for attempt := 1; ; attempt++ {
		got, err := c.request(ctx, path, query)
		if err != nil {
			return nil, err
		}
		if got.status == http.StatusOK {
			return got.body, nil
		}
		err = refusal(got, path)
		if got.status != http.StatusTooManyRequests && got.status < 500 || attempt == c.attempts {
			return nil, err
		}
		pause := wait/2 + rand.N(wait/2)
		if asked, ok := retryAfter(got.header, time.Now()); ok {
			pause = asked
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause {
			return nil, fmt.Errorf("%w: the next try would be in %s, which is too late", err, pause.Round(time.Millisecond))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", err, ctx.Err())
		}
		wait = min(2*wait, longestWait)
	}
}

// retryAfter returns how long the API asks to wait: seconds, or a date.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0), true
	}
	return 0, false
}

// refusal is an answer other than 200 as an error.
func refusal(got *answer, path string) error {
	status := fmt.Sprintf("the API answers %d %s", got.status, http.StatusText(got.status))
	switch code := got.status; {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return fmt.Errorf("%w: %s: check the token, or username and password", usersync.ErrUnauthorized, status)
	case code == http.StatusNotFound:
		return fmt.Errorf("%w: %s for %s: check url and the paths", usersync.ErrNotFound, status, path)
	case code >= 300 && code < 400:
		return fmt.Errorf("%w: %s, a redirect to %q: that belongs into url", usersync.ErrNotFound, status, got.header.Get("Location"))
	case code == http.StatusTooManyRequests || code >= 500:
		return plugin.Retryable(fmt.Errorf("%s for %s", status, path))
	default:
		return fmt.Errorf("%s for %s", status, path)
	}
}

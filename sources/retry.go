package sources

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// maxRetryAfter bounds what a server may ask for: nobody should have to end the process to be heard again.
const maxRetryAfter = time.Hour

// StatusError is an answer over HTTP that is a failure.
type StatusError struct {
	Code int
	// After is how long the server wants to be left alone, zero where it does not say.
	After time.Duration
}

// NewStatusError returns the error of an answer, with what its Retry-After says, see section 10.2.3 of RFC 9110.
func NewStatusError(code int, header http.Header, now time.Time) *StatusError {
	e := &StatusError{Code: code}
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		e.After = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		e.After = at.Sub(now)
	}
	e.After = min(max(e.After, 0), maxRetryAfter)
	return e
}

func (e *StatusError) Error() string {
	if text := http.StatusText(e.Code); text != "" {
		return fmt.Sprintf("the server answers %d %s", e.Code, text)
	}
	return fmt.Sprintf("the server answers %d", e.Code)
}

// RetryAfter returns how long the origin that failed with err wants to be left alone. It is zero where it does not say.
func RetryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*StatusError](err); ok {
		return e.After
	}
	return 0
}

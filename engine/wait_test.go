package engine

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/scriptd/scriptd/sources"
)

func TestWait(t *testing.T) {
	retry := backoff.NewExponentialBackOff()
	retry.InitialInterval, retry.MaxInterval = time.Second, time.Minute
	s := newSource(Source{Name: "s", Interval: time.Minute})
	wait := func(err error, least, most time.Duration) {
		t.Helper()
		s.originErr = err
		if got := s.wait(retry); got < least || got > most {
			t.Errorf("after %v: %s, want %s to %s", err, got, least, most)
		}
	}
	denied := sources.Fail(sources.Denied, errors.New("wrong"), "ask")
	busy := sources.Fail(sources.Transient, sources.NewStatusError(503, http.Header{"Retry-After": {"300"}}, time.Now()), "ask")
	wait(nil, 57*time.Second, 63*time.Second)
	wait(sources.Fail(sources.Transient, errors.New("reset"), "ask"), 500*time.Millisecond, 1500*time.Millisecond)
	wait(sources.Fail(sources.Transient, errors.New("reset"), "ask"), 700*time.Millisecond, 2300*time.Millisecond)
	wait(busy, 300*time.Second, 300*time.Second)
	wait(sources.Fail(sources.Refused, errors.New("large"), "ask"), 57*time.Second, 63*time.Second)
	for _, minutes := range []float64{1, 2, 4, 8, 15, 15, 15} {
		interval := time.Duration(minutes * float64(time.Minute))
		wait(denied, interval*95/100, interval*105/100)
	}
	wait(nil, 57*time.Second, 63*time.Second)
	wait(denied, 57*time.Second, 63*time.Second)
	s.Interval = time.Hour
	wait(denied, 57*time.Minute, 63*time.Minute)
}

package filesystem

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestDelay(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name string
		put  []time.Duration // since the beginning
		want []time.Duration
	}{
		{"one event", []time.Duration{0}, []time.Duration{20 * ms}},
		{"a few events", []time.Duration{0, 5 * ms, 19 * ms}, []time.Duration{39 * ms}},
		{"events that are apart", []time.Duration{0, 21 * ms, 100 * ms}, []time.Duration{20 * ms, 41 * ms, 120 * ms}},
		{"events without an end", every(9*ms, 600*ms), []time.Duration{250 * ms, 502 * ms, 614 * ms}},
		{"an event late in the wait", append(every(19*ms, 240*ms), 245*ms), []time.Duration{250 * ms}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDelay()
				defer d.Stop()
				begin := time.Now()
				events := make(chan struct{})
				go func() {
					defer close(events)
					for _, at := range tt.put {
						time.Sleep(at - time.Since(begin))
						events <- struct{}{}
					}
				}()
				var got []time.Duration
				for events != nil || !d.deadline.IsZero() {
					select {
					case _, ok := <-events:
						if !ok {
							events = nil
							break
						}
						d.put()
					case <-d.C:
						d.done()
						got = append(got, time.Since(begin))
					}
				}
				if len(got) != len(tt.want) {
					t.Fatalf("it fires at %v, want %v", got, tt.want)
				}
				for i := range got {
					if got[i] != tt.want[i] {
						t.Errorf("it fires at %v, want %v", got, tt.want)
					}
				}
			})
		})
	}
}

func every(step, end time.Duration) []time.Duration {
	var times []time.Duration
	for at := time.Duration(0); at < end; at += step {
		times = append(times, at)
	}
	return times
}

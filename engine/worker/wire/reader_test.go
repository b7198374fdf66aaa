//go:build unix

package wire

import "testing"

// A reader polls once a wait was short: not while the other end starts.
func TestPollingBegins(t *testing.T) {
	r := newReader(nil, DefaultMaxPayload)
	r.waited(shortWait)
	if r.spinScore != 0 {
		t.Error("it polls after a long wait")
	}
	r.waited(shortWait - 1)
	if r.spinScore == 0 {
		t.Error("it does not poll after a short wait")
	}
}

// Polling that was left off is tried again after enough short waits, with pauses between them or without.
func TestPollingIsTriedAgain(t *testing.T) {
	r := &reader{spins: true, enoughWaits: 4}
	for i := range 4 {
		if r.spinScore != 0 {
			t.Errorf("it is tried after %d short waits, want 4", i)
		}
		r.waited(shortWait)
		r.waited(shortWait - 1)
	}
	if r.spinScore != trySpinScore {
		t.Errorf("it is tried %d times, want %d", r.spinScore, trySpinScore)
	}
	r.waited(1)
	if r.spinScore != trySpinScore || r.shortWaits != 4 {
		t.Errorf("a wait counts though it is tried: %d times, after %d waits", r.spinScore, r.shortWaits)
	}
}

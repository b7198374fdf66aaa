package worker

import (
	"math"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

func TestMeter(t *testing.T) {
	var m meter
	start := time.Now()
	if ok, notice := m.take(math.MaxInt, start); !ok || notice != "" {
		t.Errorf("without a limit: got %t, %q", ok, notice)
	}
	m.allow(100)
	for _, tt := range []struct {
		at     time.Duration
		n      int
		ok     bool
		notice string
	}{
		{0, 60, true, ""},
		{0, 40, true, ""},
		{1, 30, false, "more than 100 bytes of output in a minute: what comes in the rest of it is left out (limits: output)"},
		{1, 1, false, ""},
		{outputWindow - 1, 1, false, ""},
		{outputWindow, 100, true, "32 bytes of output were left out (limits: output)"},
		{2 * outputWindow, 100, true, ""},
		{3 * outputWindow, 101, false, "more than 100 bytes of output in a minute: what comes in the rest of it is left out (limits: output)"},
		{4 * outputWindow, 101, false, "more than 100 bytes of output in a minute: what comes in the rest of it is left out (limits: output)"},
	} {
		if ok, notice := m.take(tt.n, start.Add(tt.at)); ok != tt.ok || notice != tt.notice {
			t.Errorf("%d bytes after %s: got %t, %q, want %t, %q", tt.n, tt.at, ok, notice, tt.ok, tt.notice)
		}
	}
}

func TestOutputOf(t *testing.T) {
	for have, want := range map[int64]int64{0: defaultOutput, -1: math.MaxInt64, 5: 5} {
		got := outputOf(runtime.Limits{Output: have})
		if got != want {
			t.Errorf("%d: got %d, want %d", have, got, want)
		}
		if host := hostOutput(got); host < got {
			t.Errorf("the host cuts off at %d", host)
		}
	}
}

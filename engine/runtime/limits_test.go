package runtime_test

import (
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
)

func TestLimitsOr(t *testing.T) {
	own := runtime.Limits{Memory: 1, OpenFiles: -1}
	other := runtime.Limits{Memory: 2, CPU: 0.5, OpenFiles: 3, Processes: 4, Output: 5}
	want := runtime.Limits{Memory: 1, CPU: 0.5, OpenFiles: -1, Processes: 4, Output: 5}
	if got := own.Or(other); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

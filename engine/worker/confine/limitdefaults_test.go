package confine

import (
	"testing"
	"time"
)

func TestNextLook(t *testing.T) {
	const limit = 1 << 30
	tests := []struct {
		name string
		used int64
		want time.Duration
	}{
		{"idle", 0, slowest},
		{"half", limit / 2, slowest},
		{"near", limit - limit/8, 62500 * time.Microsecond},
		{"very near", limit - 1, fastest},
		{"beyond", limit * 2, fastest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := nextLook(tt.used, limit); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	l := Limits{}.withDefaults()
	if l.Memory != defaultMemory || l.OpenFiles != defaultOpenFiles || l.Processes != defaultProcesses ||
		l.CPUWindow != defaultCPUWindow || l.hasCPU() || !l.hasMemory() || !l.hasOpenFiles() || !l.hasProcesses() || l.hasFileSize() {
		t.Errorf("got %+v", l)
	}
	none := Limits{Memory: -1, CPU: -1, CPUWindow: -1, OpenFiles: -1, Processes: -1, FileSize: -1}.withDefaults()
	if none.hasMemory() || none.hasCPU() || none.hasOpenFiles() || none.hasProcesses() || none.hasFileSize() || none.CPUWindow <= 0 {
		t.Errorf("got %+v, want none", none)
	}
	own := Limits{Memory: 1, CPU: 0.5, CPUWindow: 2, OpenFiles: 3, Processes: 4, FileSize: 5}
	if got := own.withDefaults(); got != own {
		t.Errorf("got %+v, want %+v", got, own)
	}
}

// Package bomb sets bombs off in a process of their own, and measures how much memory that takes at its peak.
//
//	func TestBombs(t *testing.T) {
//		bomb.Run(t, map[string]func(*testing.T){"a million refs": …})
//	}
package bomb

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// MaxRSS is how much memory a process may take, in bytes.
const MaxRSS = 300 << 20

const variable = "SCRIPTD_TEST_BOMB"

// Run runs each function as a subtest in a process of its own, and fails it where its peak of resident memory is over
// MaxRSS. Where memory cannot be measured, only what the functions themselves find counts. It skips with -short, and under
// the race detector.
func Run(t *testing.T, bombs map[string]func(*testing.T)) {
	t.Helper()
	if race || testing.Short() {
		t.Skip("it takes long, and the race detector takes memory of its own")
	}
	for name, explode := range bombs {
		t.Run(name, func(t *testing.T) {
			if os.Getenv(variable) != "" {
				explode(t)
				check(t)
				return
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+anchored(t.Name())+"$", "-test.v") //nolint:gosec // it is this test
			cmd.Env = append(os.Environ(), variable+"=1")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, tail(out))
			}
			for line := range strings.Lines(string(out)) {
				if strings.Contains(line, "resident") {
					t.Log(strings.TrimSpace(line))
				}
			}
		})
	}
}

// anchored is the pattern of one test.
func anchored(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	return strings.Join(parts, "$/^")
}

func tail(out []byte) []byte { return out[max(0, len(out)-4000):] }

func check(t *testing.T) {
	t.Helper()
	peak, err := peakRSS()
	switch {
	case errors.Is(err, os.ErrNotExist):
		t.Log("memory is not measured on this system")
	case err != nil:
		t.Error(err)
	case peak > MaxRSS:
		t.Errorf("%d MiB resident at the peak, want at most %d", peak>>20, MaxRSS>>20)
	default:
		t.Logf("%d MiB resident at the peak", peak>>20)
	}
}

// peakRSS is the peak of resident memory of this process, in bytes.
func peakRSS() (int64, error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "VmHWM:" {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("%s has no VmHWM", f.Name())
}

package confine

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// spareData is what Go maps and leaves untouched, beyond what is resident.
	spareData = 64 << 20
	// spareTasks is how far the limit of processes is above what counts: the kernel counts all processes of this user, and
	// what others of them start must not keep this one from having threads. It is there against a bomb; Watch is exact.
	spareTasks = 512
)

// rlimit is one of the limits that the kernel keeps for each process.
type rlimit struct {
	name     string
	resource int
	most     uint64
	what     string // it bounds
}

// setRlimits holds this process to the limits, and each that it starts. It returns what they are in words.
func setRlimits(l Limits) ([]string, error) {
	limits := []rlimit{{"RLIMIT_CORE", unix.RLIMIT_CORE, 0, "no core dumps"}}
	if l.hasOpenFiles() {
		limits = append(limits, rlimit{"RLIMIT_NOFILE", unix.RLIMIT_NOFILE, uint64(l.OpenFiles), fmt.Sprintf("%d open files", l.OpenFiles)})
	}
	if l.hasFileSize() {
		signal.Ignore(unix.SIGXFSZ) // a write beyond it fails instead
		limits = append(limits, rlimit{"RLIMIT_FSIZE", unix.RLIMIT_FSIZE, uint64(l.FileSize), "files of " + size(uint64(l.FileSize))})
	}
	if l.hasMemory() {
		mapped, err := mappedData()
		if err != nil {
			return nil, err
		}
		most := mapped + uint64(l.Memory) + spareData + stackOfThread*uint64(min(l.Processes, defaultProcesses))
		limits = append(limits, rlimit{"RLIMIT_DATA", unix.RLIMIT_DATA, most, size(most) + " of data"})
	}
	var said []string
	for _, r := range limits {
		if err := r.set(); err != nil {
			return nil, err
		}
		said = append(said, fmt.Sprintf("%s (%s)", r.what, r.name))
	}
	return said, nil
}

// set keeps this process to the limit, and to the one that it has where that is stricter.
func (r rlimit) set() error {
	var have unix.Rlimit
	if err := unix.Prlimit(0, r.resource, nil, &have); err != nil {
		return fmt.Errorf("read %s: %w", r.name, err)
	}
	most := min(have.Max, r.most)
	if err := unix.Prlimit(0, r.resource, &unix.Rlimit{Cur: most, Max: most}, nil); err != nil {
		return fmt.Errorf("set %s: %w", r.name, err)
	}
	return nil
}

// boundTasks keeps this process and all others of its user from having many more threads than now. It returns why it does not.
func boundTasks(l Limits) (why string, err error) {
	if os.Getuid() == 0 {
		return "the kernel sets root no limit", nil
	}
	r := rlimit{name: "RLIMIT_NPROC", resource: unix.RLIMIT_NPROC, most: uint64(tasksOfUser(os.Getuid()) + l.Processes + spareTasks)}
	var have unix.Rlimit
	if err := unix.Prlimit(0, r.resource, nil, &have); err != nil {
		return "", fmt.Errorf("read %s: %w", r.name, err)
	}
	// Other containers may have processes of the same user, which count and cannot be seen. Is there as much room as there
	// seems to be?
	trial := unix.Rlimit{Cur: min(have.Cur, r.most-spareTasks/2), Max: have.Max}
	if err := unix.Prlimit(0, r.resource, &trial, nil); err != nil {
		return "", fmt.Errorf("set %s: %w", r.name, err)
	}
	if _, err := syscall.ForkExec("/dev/null/none", nil, nil); errors.Is(err, unix.EAGAIN) {
		if err := unix.Prlimit(0, r.resource, &have, nil); err != nil {
			return "", fmt.Errorf("reset %s: %w", r.name, err)
		}
		return "this user has processes that cannot be counted from here", nil
	}
	return "", r.set()
}

// mappedData is how much this process has mapped of what RLIMIT_DATA counts, in bytes, with its first stack.
func mappedData() (uint64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text))
	if len(fields) < 6 {
		return 0, fmt.Errorf("/proc/self/statm is %q", text)
	}
	pages, err := strconv.ParseUint(fields[5], 10, 64)
	return pages * uint64(os.Getpagesize()), err
}

// statusField returns a number of a status file in /proc.
func statusField(path, name string) (uint64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if key, value, _ := strings.Cut(lines.Text(), ":"); key == name {
			return strconv.ParseUint(strings.Fields(value)[0], 10, 64)
		}
	}
	return 0, fmt.Errorf("%s: there is no %s", path, name)
}

// tasksOfUser counts the threads of all processes of a user.
func tasksOfUser(uid int) int {
	entries, _ := os.ReadDir("/proc")
	tasks := 0
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		path := "/proc/" + e.Name() + "/status"
		if owner, err := statusField(path, "Uid"); err != nil || owner != uint64(uid) {
			continue
		}
		if n, err := statusField(path, "Threads"); err == nil {
			tasks += int(n)
		}
	}
	return tasks
}

// size writes a number of bytes as people do.
func size(n uint64) string {
	switch {
	case n >= 1<<30:
		return strconv.FormatFloat(float64(n)/(1<<30), 'f', 1, 64) + " GiB"
	case n >= 1<<20:
		return strconv.FormatUint(n>>20, 10) + " MiB"
	default:
		return strconv.FormatUint(n, 10) + " bytes"
	}
}

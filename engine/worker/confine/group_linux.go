package confine

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// groupPrefix begins the names of groups. The number of their host follows.
const groupPrefix = "scriptd-"

func newGroup(l Limits) (*Group, error) {
	home, err := groupHome()
	if err != nil {
		return nil, fmt.Errorf("make a cgroup: %w: %w", ErrUnsupported, err)
	}
	sweepGroups(home)
	dir, err := os.MkdirTemp(home, fmt.Sprintf("%s%d-", groupPrefix, os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("make a cgroup: %w: %w", ErrUnsupported, err)
	}
	g := &Group{dir: dir}
	if err := g.limit(l.withDefaults()); err != nil {
		return nil, errors.Join(fmt.Errorf("make a cgroup: %w", err), g.Close())
	}
	return g, nil
}

// groupHome returns the folder of the cgroup to make groups in: this process's own, or the one around it that was given to it.
func groupHome() (string, error) {
	own, top, err := ownGroup()
	if err != nil {
		return "", err
	}
	candidates := []string{own}
	if own != top {
		candidates = append(candidates, filepath.Dir(own))
	}
	var fallback string
	for _, dir := range candidates {
		if unix.Access(dir, unix.W_OK) != nil || !mayUse(dir, top) {
			continue
		}
		if enableControllers(dir) > 0 {
			return dir, nil
		}
		if fallback == "" {
			fallback = dir // it has no limits, but its processes end together
		}
	}
	if fallback == "" {
		return "", errors.New("no cgroup was given to this process to make others in")
	}
	return fallback, nil
}

// mayUse reports whether a cgroup is this process's to use. Root may write to those of others too: there it goes by the mark that
// systemd leaves.
func mayUse(dir, top string) bool {
	if dir == top || os.Getuid() != 0 {
		return true
	}
	value := make([]byte, 8)
	for _, mark := range []string{"user.delegate", "trusted.delegate"} {
		if n, err := unix.Getxattr(dir, mark, value); err == nil && string(value[:n]) == "1" {
			return true
		}
	}
	return false
}

var controllers = []string{"memory", "cpu", "pids"}

// enableControllers has the groups in a folder limited, and returns by how many controllers. It cannot be done where the folder's
// own group has processes.
func enableControllers(dir string) int {
	available := words(filepath.Join(dir, "cgroup.controllers"))
	control := filepath.Join(dir, "cgroup.subtree_control")
	for _, c := range controllers {
		if slices.Contains(available, c) && !slices.Contains(words(control), c) {
			_ = os.WriteFile(control, []byte("+"+c), 0) // what it did is read below
		}
	}
	n := 0
	for _, c := range words(control) {
		if slices.Contains(controllers, c) {
			n++
		}
	}
	return n
}

// words reads a file of words. One that cannot be read has none.
func words(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return strings.Fields(string(text))
}

// ownGroup returns the folder of this process's cgroup, and the topmost that can be seen.
func ownGroup() (own, top string, err error) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", "", err
	}
	path := ""
	for line := range strings.Lines(string(text)) {
		if p, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			path = p
		}
	}
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		before, after, _ := strings.Cut(lines.Text(), " - ")
		fields := strings.Fields(before)
		if len(fields) < 5 || !strings.HasPrefix(after, "cgroup2 ") {
			continue
		}
		if inside, ok := strings.CutPrefix(path, strings.TrimSuffix(fields[3], "/")); ok && path != "" {
			return filepath.Join(fields[4], inside), fields[4], nil
		}
	}
	return "", "", errors.New("there is no cgroup v2")
}

// sweepGroups removes groups without processes whose host is gone.
func sweepGroups(home string) {
	left, _ := filepath.Glob(filepath.Join(home, groupPrefix+"*"))
	for _, dir := range left {
		host, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), groupPrefix), "-")
		if pid, err := strconv.Atoi(host); err == nil && errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
			_ = os.Remove(dir) // it may have processes
		}
	}
}

// limit sets the limits for which there are controllers.
func (g *Group) limit(l Limits) error {
	available := words(filepath.Join(g.dir, "cgroup.controllers"))
	set := func(controller, file, value, what string) error {
		if !slices.Contains(available, controller) {
			return nil
		}
		if err := g.write(file, value); err != nil {
			return err
		}
		if what != "" {
			g.enforced = append(g.enforced, what+" (cgroup)")
		}
		return nil
	}
	var errs []error
	if slices.Contains(available, "memory") {
		g.held.Memory = -1
	}
	if slices.Contains(available, "cpu") {
		g.held.CPU = -1
	}
	if slices.Contains(available, "pids") {
		g.held.Processes = -1
	}
	if l.hasMemory() {
		errs = append(errs, set("memory", "memory.max", strconv.FormatInt(l.Memory, 10), size(uint64(l.Memory))+" of memory"))
		if _, err := os.Stat(filepath.Join(g.dir, "memory.swap.max")); err == nil {
			errs = append(errs, set("memory", "memory.swap.max", "0", ""))
		}
		errs = append(errs, set("memory", "memory.oom.group", "1", ""))
	}
	if l.hasCPU() {
		const period = 100_000
		errs = append(errs, set("cpu", "cpu.max", fmt.Sprintf("%d %d", max(int64(l.CPU*period), 1000), period), fmt.Sprintf("%.2g cores", l.CPU)))
	}
	if l.hasProcesses() {
		errs = append(errs, set("pids", "pids.max", strconv.Itoa(l.Processes), fmt.Sprintf("%d threads and processes", l.Processes)))
	}
	return errors.Join(errs...)
}

func (g *Group) write(file, value string) error {
	return os.WriteFile(filepath.Join(g.dir, file), []byte(value), 0)
}

// Add puts a process into the group, with all that it starts from then on.
func (g *Group) Add(pid int) error {
	if err := g.write("cgroup.procs", strconv.Itoa(pid)); err != nil {
		return fmt.Errorf("add process %d to its cgroup: %w", pid, err)
	}
	return nil
}

// Exceeded returns why the kernel has ended processes of the group, as a sentence about "it", or "".
func (g *Group) Exceeded() string {
	events := words(filepath.Join(g.dir, "memory.events"))
	if i := slices.Index(events, "oom_kill"); i >= 0 && i+1 < len(events) && events[i+1] != "0" {
		return "it used more memory than it may, and was ended by the kernel (limits: memory)"
	}
	return ""
}

// Kill ends all processes of the group, at once.
func (g *Group) Kill() error {
	err := g.write("cgroup.kill", "1")
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, word := range words(filepath.Join(g.dir, "cgroup.procs")) { // Linux before 5.14
		if pid, err := strconv.Atoi(word); err == nil {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	}
	return nil
}

// closeTime bounds how long Close waits for processes to be gone.
const closeTime = 5 * time.Second

// Close ends what is left in the group, and removes it. It may be called more than once.
func (g *Group) Close() error {
	deadline := time.Now().Add(closeTime)
	for {
		if _, err := os.Stat(g.dir); errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err := g.Kill(); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("close a cgroup: %w", err)
		}
		err := os.Remove(g.dir)
		if err == nil || errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("close a cgroup: %w", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func probeGroups() (f Feature) {
	f.Name = Groups
	defer func() {
		if !f.Have {
			f.Fix = "where it is a service of systemd's: Delegate=yes and DelegateSubgroup=host"
		}
	}()
	g, err := newGroup(Limits{CPU: 1})
	if err != nil {
		f.Detail = "limits are watched, and go by process: " + err.Error()
		return f
	}
	f.Have, f.Detail = true, "the kernel counts the processes of a package together: "+strings.Join(g.enforced, ", ")
	if len(g.enforced) == 0 {
		f.Have, f.Detail = false, "limits are watched, and go by process: no controllers of memory, cpu and pids were given to this process"
	}
	if err := g.Close(); err != nil {
		f.Have, f.Detail = false, err.Error()
	}
	return f
}

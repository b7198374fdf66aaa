package confine

import (
	"context"
	"fmt"
	"time"
)

// Times between looks at what is dearer to find out than the memory of one process.
const (
	usageEvery = 500 * time.Millisecond
	groupEvery = 250 * time.Millisecond
	// bombEvery is how often all threads of the system are counted where programs may be started: a bomb has thousands in a second.
	bombEvery = 30 * time.Millisecond
)

func watch(ctx context.Context, pid int, p Policy, exceeded func(string)) error {
	proc, err := openProcess(pid)
	if err != nil {
		return fmt.Errorf("watch a process: %w", err)
	}
	defer proc.close()
	first, err := proc.usage()
	if err != nil {
		return fmt.Errorf("watch a process: %w", err)
	}
	w := watcher{process: proc, limits: p.Limits.withDefaults(), every: usageEvery}
	if startsPrograms(p) && first.group == pid {
		w.group, w.every = pid, groupEvery
		lowerPriority(pid)
	}
	if w.limits.hasCPU() {
		w.every = min(w.every, w.limits.CPUWindow/4)
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		wait, reason, ended := w.look(time.Now())
		if reason != "" {
			exceeded(reason)
		}
		if ended || reason != "" {
			return nil
		}
		timer.Reset(wait)
	}
}

type watcher struct {
	process *process
	group   int // 0 is none
	limits  Limits
	every   time.Duration // usage is asked for
	asked   time.Time
	tasks   int    // of the system, when usage was asked for
	ended   int    // looks in a row at a first thread that has ended
	busy    []busy // the oldest first
}

// endedLooks is how many looks it takes to tell a process whose first thread has ended from one that is about to be gone.
const endedLooks = 25

// busy is how much CPU time had been used when.
type busy struct {
	at   time.Time
	used time.Duration
}

// look finds out what the process uses, why that is too much, and when to look again. It has ended where it is no longer there.
func (w *watcher) look(now time.Time) (wait time.Duration, reason string, ended bool) {
	l := w.limits
	memory, err := w.process.resident()
	if err != nil {
		return 0, "", true
	}
	if memory == 0 { // its first thread has ended, by which all that is told of it goes
		if u, err := w.process.usage(); err == nil && u.threads > 1 {
			if w.ended++; w.ended < endedLooks {
				return fastest, "", false
			}
			return 0, "it ended its first thread, and cannot be watched any more", false
		}
		return 0, "", true
	}
	if memory > l.Memory {
		return 0, tooMuchMemory(memory, l.Memory), false
	}
	w.ended = 0
	wait = min(nextLook(memory, l.Memory), w.every)
	tasks := 0
	if w.group != 0 && l.hasProcesses() {
		wait, tasks = min(wait, bombEvery), tasksOfSystem()
	}
	if now.Sub(w.asked) < w.every && tasks <= w.tasks+l.Processes/4 {
		return wait, "", false
	}
	w.asked, w.tasks = now, tasks
	u, err := w.process.usage()
	if err != nil {
		return 0, "", true
	}
	if w.group != 0 {
		u = usageOfGroup(w.group, l.Processes)
	}
	switch share := w.share(now, u.cpu); {
	case u.threads > l.Processes:
		return 0, fmt.Sprintf("it had %d threads and processes, more than the %d that it may have (limits: processes)", u.threads, l.Processes), false
	case u.memory > l.Memory:
		return 0, tooMuchMemory(u.memory, l.Memory), false
	case share > l.CPU:
		return 0, fmt.Sprintf("it kept %.2g cores busy for %s, more than the %.2g that it may (limits: cpu)", share, l.CPUWindow, l.CPU), false
	}
	return wait, "", false
}

// share returns how many cores were busy over the last window, 0 where less than a window is known.
func (w *watcher) share(now time.Time, used time.Duration) float64 {
	if !w.limits.hasCPU() {
		return 0
	}
	w.busy = append(w.busy, busy{now, used})
	for len(w.busy) > 1 && now.Sub(w.busy[1].at) >= w.limits.CPUWindow {
		w.busy = w.busy[1:]
	}
	first := w.busy[0]
	if over := now.Sub(first.at); over >= w.limits.CPUWindow {
		return float64(used-first.used) / float64(over)
	}
	return 0
}

func tooMuchMemory(used, most int64) string {
	return fmt.Sprintf("it used %s of memory, more than the %s that it may (limits: memory)", size(uint64(used)), size(uint64(most)))
}

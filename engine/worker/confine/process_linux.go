package confine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// process reads what the kernel tells of one. Its files are opened once: they are about this process, and not about another one
// that gets its number later.
type process struct {
	pid         int
	stat, statm *os.File
}

func openProcess(pid int) (*process, error) {
	dir := "/proc/" + strconv.Itoa(pid)
	stat, err := os.Open(dir + "/stat")
	if err != nil {
		return nil, err
	}
	statm, err := os.Open(dir + "/statm")
	if err != nil {
		return nil, errors.Join(err, stat.Close())
	}
	return &process{pid, stat, statm}, nil
}

func (p *process) close() {
	p.stat.Close()
	p.statm.Close()
}

var pageSize = int64(os.Getpagesize())

// resident returns how many bytes are in memory.
func (p *process) resident() (int64, error) {
	fields, err := p.fields(p.statm)
	if err != nil {
		return 0, err
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * pageSize, err
}

// fields reads the words of a file that has a line.
func (p *process) fields(f *os.File) ([][]byte, error) {
	var buf [1024]byte
	n, err := f.ReadAt(buf[:], 0)
	if n == 0 { // a process that is gone: ESRCH, or nothing
		return nil, fmt.Errorf("process %d: %w", p.pid, errors.Join(err, fs.ErrNotExist))
	}
	line := buf[:n]
	if end := bytes.LastIndexByte(line, ')'); end >= 0 { // the name, which may have anything in it
		line = append([]byte("0 0"), line[end+1:]...)
	}
	return bytes.Fields(line), nil
}

// usage is what a process uses, and which group it is of.
type usage struct {
	group   int
	cpu     time.Duration // since it began, that of its children that have ended included
	threads int
	memory  int64
}

// The fields of a stat file that count, from 0.
const (
	fieldGroup   = 4
	fieldUser    = 13 // and the next three: of the system's, and both of children that have ended
	fieldThreads = 19
	fieldPages   = 23
)

// tick is the unit of times in /proc. It is the same for all architectures that Go has.
const tick = time.Second / 100

func (p *process) usage() (usage, error) {
	fields, err := p.fields(p.stat)
	if err != nil {
		return usage{}, err
	}
	if len(fields) <= fieldPages {
		return usage{}, fmt.Errorf("process %d: its stat has %d fields", p.pid, len(fields))
	}
	var errs []error
	number := func(i int) int64 {
		n, err := strconv.ParseInt(string(fields[i]), 10, 64)
		errs = append(errs, err)
		return n
	}
	u := usage{
		group: int(number(fieldGroup)), threads: int(number(fieldThreads)),
		memory: number(fieldPages) * pageSize,
	}
	for i := range 4 {
		u.cpu += time.Duration(number(fieldUser+i)) * tick
	}
	return u, errors.Join(errs...)
}

// usageOfGroup adds up what the processes of a group use, the newest first, until there are more threads than may be. Those that end
// meanwhile count for nothing.
func usageOfGroup(group, maxThreads int) usage {
	total := usage{group: group}
	for _, name := range slices.Backward(namesInProc()) {
		if total.threads > maxThreads {
			break
		}
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		f, err := os.Open("/proc/" + name + "/stat")
		if err != nil {
			continue
		}
		if u, err := (&process{pid: pid, stat: f}).usage(); err == nil && u.group == group {
			total.cpu += u.cpu
			total.threads += u.threads
			total.memory += u.memory
		}
		f.Close()
	}
	return total
}

// namesInProc lists /proc in its own order, in which processes are sorted by number.
func namesInProc() []string {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	return names
}

// tasksOfSystem counts the threads of all processes that there are. It is zero where that cannot be known.
func tasksOfSystem() int {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	if fields := bytes.Fields(text); len(fields) > 3 { // 0.00 0.00 0.00 running/all last
		_, all, _ := bytes.Cut(fields[3], []byte("/"))
		n, _ := strconv.Atoi(string(all))
		return n
	}
	return 0
}

// lowerBy is how much nicer a group is made. It is about a third of the weight: whoever watches gets to run among hundreds of processes.
const lowerBy = 5

// lowerPriority lets others go before all processes of a group, and those that they start. A bomb would keep out whoever is to end it.
func lowerPriority(group int) {
	own, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err == nil {
		_ = unix.Setpriority(unix.PRIO_PGRP, group, min(20-own+lowerBy, 19)) // the kernel tells 20 less it; without, it takes longer
	}
}

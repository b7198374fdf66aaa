package worker

import (
	"bufio"
	"bytes"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// trimTime is how long after a load a process gives back what only loads need.
const trimTime = 300 * time.Millisecond

// span is a part of the address space.
type span struct{ start, length uintptr }

// programText finds the parts of the address space that are files which are not written to: the program.
func programText() []span {
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return nil
	}
	defer f.Close()
	var spans []span
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// 00400000-02a1b000 r-xp 00000000 fd:00 1234 /path: proc(5)
		fields := bytes.Fields(lines.Bytes())
		if len(fields) < 6 || fields[5][0] != '/' || bytes.ContainsRune(fields[1], 'w') || !bytes.ContainsRune(fields[1], 'p') {
			continue
		}
		from, to, _ := bytes.Cut(fields[0], []byte("-"))
		start, err := strconv.ParseUint(string(from), 16, 64)
		end, endErr := strconv.ParseUint(string(to), 16, 64)
		if err == nil && endErr == nil {
			spans = append(spans, span{uintptr(start), uintptr(end - start)})
		}
	}
	return spans
}

// trimLater gives back memory once the process is at rest: garbage of the load, and pages of the program that initialisation and
// loads have touched. What of it is needed again comes from the page cache, which all processes of a binary share.
func trimLater(program []span) {
	time.AfterFunc(trimTime, func() {
		debug.FreeOSMemory()
		for _, s := range program {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, s.start, s.length, unix.MADV_DONTNEED) // it is advice
		}
	})
}

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

// trimmer gives memory back.
type trimmer struct {
	smaps *os.File
	timer *time.Timer // of the last load
}

// newTrimmer opens what it needs, which a process that is confined may not.
func newTrimmer() trimmer {
	f, _ := os.Open("/proc/self/smaps") // without it, there is less to give back
	return trimmer{smaps: f}
}

// later gives back memory once the process is at rest: garbage of the load, and pages of the program that initialisation and
// loads have touched. What of it is needed again comes from the page cache, which all processes of a binary share. It is not called
// twice at the same time.
func (t *trimmer) later() {
	if t.timer != nil {
		t.timer.Reset(trimTime)
		return
	}
	t.timer = time.AfterFunc(trimTime, t.trim)
}

func (t *trimmer) trim() {
	debug.FreeOSMemory()
	if t.smaps == nil {
		return
	}
	for _, s := range unwritten(t.smaps) { // none, where it is closed
		s.advise(unix.MADV_DONTNEED)
		s.divide()
	}
	t.smaps.Close()
}

// divided is how large the parts are that a mapped file is divided into. Each takes the kernel some 200 bytes.
const divided = 256 << 10

// divide bounds what the kernel maps of a file when a page of it is used. It maps what is in memory around that page, a megabyte or
// more where the file's pages are kept in large pieces, but not beyond parts with other flags: every second part gets one that has
// no effect here, since there are no core dumps.
func (s span) divide() {
	for at := s.start + divided; at+divided < s.start+s.length; at += 2 * divided {
		span{at, divided}.advise(unix.MADV_DONTDUMP)
	}
}

func (s span) advise(advice uintptr) {
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, s.start, s.length, advice) // it is no more than advice
}

// span is a part of the address space.
type span struct{ start, length uintptr }

// unwritten finds the parts of the address space that are files as they are on disk: they cannot be written to, and no page of them
// was, as those with the addresses of a library's functions are when it is loaded. The format is that of proc(5):
//
//	00400000-02a1b000 r-xp 00000000 fd:00 1234 /path
//	Rss:                 100 kB
//	Anonymous:             0 kB
func unwritten(smaps *os.File) []span {
	var spans []span
	var at *span
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		fields := bytes.Fields(lines.Bytes())
		switch {
		case len(fields) > 0 && !bytes.HasSuffix(fields[0], []byte(":")):
			at = fileSpan(fields)
		case at != nil && len(fields) > 1 && string(fields[0]) == "Anonymous:" && string(fields[1]) == "0":
			spans = append(spans, *at)
		}
	}
	return spans
}

// fileSpan returns the part that a line describes where that is a file which is mapped and not written to.
func fileSpan(fields [][]byte) *span {
	if len(fields) < 6 || fields[5][0] != '/' || bytes.ContainsRune(fields[1], 'w') || !bytes.ContainsRune(fields[1], 'p') {
		return nil
	}
	from, to, _ := bytes.Cut(fields[0], []byte("-"))
	start, err := strconv.ParseUint(string(from), 16, 64)
	end, endErr := strconv.ParseUint(string(to), 16, 64)
	if err != nil || endErr != nil {
		return nil
	}
	return &span{uintptr(start), uintptr(end - start)}
}

//go:build unix && !linux

package wire

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// waiter parks a goroutine until a socket can be read. It has a descriptor of its own for it, which the Go runtime watches.
type waiter struct {
	file *os.File
	raw  syscall.RawConn
	poll func(uintptr) bool
}

func newWaiter(socket int) (*waiter, error) {
	syscall.ForkLock.RLock()
	fd, err := unix.Dup(socket)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	w := &waiter{file: os.NewFile(uintptr(fd), "socket pair")}
	if w.raw, err = w.file.SyscallConn(); err != nil {
		w.file.Close()
		return nil, err
	}
	w.poll = func(fd uintptr) bool {
		var b [1]byte
		_, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK)
		return !again(err) && !errors.Is(err, unix.EINTR)
	}
	return w, nil
}

// wait blocks until the socket can be read, has ended, or the deadline is over.
func (w *waiter) wait() error { return w.raw.Read(w.poll) }

func (w *waiter) setDeadline(t time.Time) { _ = w.file.SetReadDeadline(t) } // closed: so is the socket
func (w *waiter) close()                  { w.file.Close() }

package wire

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// waiter parks a goroutine until a socket can be read. The socket is not among those that the Go runtime watches, since it would
// wake a thread for each message, though somebody polls the socket already. It is in an epoll set of its own, which
// the runtime watches, and which reports it only when it was asked to.
type waiter struct {
	set    *os.File
	raw    syscall.RawConn
	socket int
	armed  unix.EpollEvent
	events [1]unix.EpollEvent
	err    error
	poll   func(uintptr) bool
	arm    func(uintptr)
}

func newWaiter(socket int) (*waiter, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	w := &waiter{socket: socket, armed: unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLONESHOT}}
	err = unix.EpollCtl(fd, unix.EPOLL_CTL_ADD, socket, &unix.EpollEvent{Events: unix.EPOLLONESHOT})
	if err == nil {
		err = unix.SetNonblock(fd, true) // so that the runtime watches it
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("epoll_ctl", err)
	}
	w.set = os.NewFile(uintptr(fd), "epoll")
	if w.raw, err = w.set.SyscallConn(); err != nil {
		w.set.Close()
		return nil, err
	}
	w.arm = func(fd uintptr) { w.err = unix.EpollCtl(int(fd), unix.EPOLL_CTL_MOD, w.socket, &w.armed) }
	w.poll = func(fd uintptr) bool {
		n, err := unix.EpollWait(int(fd), w.events[:], 0)
		if errors.Is(err, unix.EINTR) {
			err = nil
		}
		w.err = err
		return n > 0 || err != nil
	}
	return w, nil
}

// wait blocks until the socket can be read, has ended, or the deadline is over.
func (w *waiter) wait() error {
	if err := w.raw.Control(w.arm); err != nil {
		return err
	}
	if w.err != nil {
		return os.NewSyscallError("epoll_ctl", w.err)
	}
	if err := w.raw.Read(w.poll); err != nil {
		return err
	}
	if w.err != nil {
		return os.NewSyscallError("epoll_wait", w.err)
	}
	return nil
}

func (w *waiter) setDeadline(t time.Time) { _ = w.set.SetReadDeadline(t) } // closed: so is the socket
func (w *waiter) close()                  { w.set.Close() }

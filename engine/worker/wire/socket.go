//go:build unix

package wire

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// socket is a stream socket that is read by one goroutine at a time, and written by one at a time. Its calls do not
// block, except those that say so.
type socket struct {
	file *os.File
	raw  syscall.RawConn
	wait *waiter // for what is to be read

	// What the functions read and write work on: closures that are made once.
	readInto []byte
	readN    int
	readErr  error
	readOnce func(uintptr) bool

	writeFrom  [][]byte
	writeN     int
	writeErr   error
	writeOnce  func(uintptr) bool
	writeReady func(uintptr) bool
}

// newSocket takes a socket over, which it closes also where it fails. The file must not be in use.
func newSocket(file *os.File) (*socket, error) {
	fd := int(file.Fd()) // from here on its calls would block
	if err := unix.SetNonblock(fd, true); err != nil {
		file.Close()
		return nil, os.NewSyscallError("set nonblocking", err)
	}
	wait, err := newWaiter(fd)
	if err != nil {
		file.Close()
		return nil, err
	}
	raw, err := file.SyscallConn()
	if err != nil {
		wait.close()
		file.Close()
		return nil, err
	}
	s := &socket{file: file, raw: raw, wait: wait}
	s.readOnce = func(fd uintptr) bool {
		s.readN, s.readErr = ignoringEINTR(int(fd), s.readInto, unix.Read)
		return true
	}
	s.writeOnce = func(fd uintptr) bool {
		if len(s.writeFrom) == 1 {
			s.writeN, s.writeErr = ignoringEINTR(int(fd), s.writeFrom[0], unix.Write)
		} else {
			s.writeN, s.writeErr = ignoringEINTR(int(fd), s.writeFrom, writev)
		}
		return true
	}
	s.writeReady = func(fd uintptr) bool {
		_, s.writeErr = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, -1)
		return true
	}
	return s, nil
}

func ignoringEINTR[B []byte | [][]byte](fd int, b B, do func(int, B) (int, error)) (int, error) {
	for {
		n, err := do(fd, b)
		if !errors.Is(err, unix.EINTR) {
			return max(n, 0), err
		}
	}
}

// errAgain says that there is nothing to read now, or no room to write.
var errAgain = errors.New("try again")

func again(err error) bool { return errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EWOULDBLOCK) }

// read reads what is there. The error is errAgain where that is nothing.
func (s *socket) read(b []byte) (int, error) {
	s.readInto = b
	if err := s.raw.Read(s.readOnce); err != nil {
		return 0, err
	}
	s.readInto = nil
	switch {
	case again(s.readErr):
		return 0, errAgain
	case s.readErr != nil:
		return 0, os.NewSyscallError("read", s.readErr)
	case s.readN == 0:
		return 0, io.EOF
	}
	return s.readN, nil
}

// awaitRead blocks until there may be something to read, or ctx ends.
func (s *socket) awaitRead(ctx context.Context) error {
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { s.wait.setDeadline(longAgo) })
		defer stop()
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.wait.wait(); !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		// It may be that of a context before, whose function came late.
		s.wait.setDeadline(time.Time{})
	}
}

var longAgo = time.Unix(1, 0)

// maxParts is how many pieces are written at once, of which systems accept 1024 at most.
const maxParts = 64

// write writes as much of the parts as there is room for. The error is errAgain where that is nothing.
func (s *socket) write(parts [][]byte) (int, error) {
	s.writeFrom = parts[:min(len(parts), maxParts)]
	if err := s.raw.Write(s.writeOnce); err != nil {
		return 0, err
	}
	s.writeFrom = nil
	switch {
	case again(s.writeErr):
		return 0, errAgain
	case s.writeErr != nil:
		return 0, os.NewSyscallError("write", s.writeErr)
	}
	return s.writeN, nil
}

// awaitWrite blocks, with its thread, until there is room to write.
func (s *socket) awaitWrite() error {
	if err := s.raw.Write(s.writeReady); err != nil {
		return err
	}
	if s.writeErr != nil && !errors.Is(s.writeErr, unix.EINTR) {
		return os.NewSyscallError("poll", s.writeErr)
	}
	return nil
}

// close ends reads and writes, at both ends.
func (s *socket) close() {
	_ = s.raw.Control(func(fd uintptr) { _ = unix.Shutdown(int(fd), unix.SHUT_RDWR) }) // the other end may be gone
	s.wait.close()
	s.file.Close()
}

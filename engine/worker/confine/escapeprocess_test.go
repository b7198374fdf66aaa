//go:build linux

package confine_test

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fork makes a process that ends at once, and waits for it.
//
//go:norace
func fork(number, flags uintptr) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, _, errno := syscall.RawSyscall6(number, flags, 0, 0, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	if pid == 0 {
		for {
			_, _, _ = syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
		}
	}
	_, err := unix.Wait4(int(pid), nil, 0, nil)
	return err
}

// withPidfd opens a descriptor of the host's process, as root could.
func withPidfd(w world, do func(fd int) error) error {
	fd, err := unix.PidfdOpen(w.Parent, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return do(fd)
}

// target is what children read of their parent: it is at the same place in both.
var target [8]byte

var processEscapes = []escape{
	{name: "start a program", grant: runTrue, try: func(world) error { return exec.CommandContext(context.Background(), "/bin/true").Run() }},
	{name: "start another program", given: runTrue, grant: func(world) (p permissions) {
		p.Run = []string{"/bin/cat"}
		return p
	}, try: func(world) error { return exec.CommandContext(context.Background(), "/bin/cat", "/dev/null").Run() }},
	{name: "start a script of its own", given: func(w world) permissions {
		p := writeGranted(w)
		p.Run = []string{"sh", "env"}
		return p
	}, grant: func(w world) permissions {
		p := writeGranted(w)
		p.Run = []string{"sh", "env", w.Granted}
		return p
	}, try: func(w world) error {
		script, err := makeScript(w)
		if err != nil {
			return errors.New(err.Error())
		}
		return exec.CommandContext(context.Background(), script).Run()
	}},
	{name: "execve", free: unix.ENOENT, want: []unix.Errno{unix.EPERM, unix.EACCES, unix.ENOENT}, try: func(world) error {
		err := unix.Exec("/bin/none", []string{"none"}, nil)
		return err
	}},
	{name: "a program in memory", try: func(world) error {
		fd, err := unix.MemfdCreate("program", unix.MFD_CLOEXEC)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return nil
	}},
	{name: "execveat", free: unix.EBADF, try: func(world) error {
		empty := [1]byte{}
		bad := -1
		return raw(unix.SYS_EXECVEAT, uintptr(bad), uintptr(unsafe.Pointer(&empty)), 0, 0, unix.AT_EMPTY_PATH)
	}},
	{name: "fork", grant: runTrue, try: func(world) error { return fork(unix.SYS_CLONE, uintptr(unix.SIGCHLD)) }},
	{name: "fork past its parent", try: func(world) error {
		err := fork(unix.SYS_CLONE, unix.CLONE_PARENT|uintptr(unix.SIGCHLD))
		if errors.Is(err, unix.ECHILD) {
			return nil
		}
		return err
	}},
	{name: "clone3", want: []unix.Errno{unix.ENOSYS}, free: unix.EINVAL, try: func(world) error { return raw(unix.SYS_CLONE3, 0, 0) }},
	{name: "clone into namespaces", free: unix.EINVAL, try: func(world) error {
		return raw(unix.SYS_CLONE, unix.CLONE_NEWUSER|unix.CLONE_THREAD|unix.CLONE_SIGHAND|unix.CLONE_VM)
	}},
	{name: "a namespace of names", privileged: true, try: func(world) error {
		runtime.LockOSThread() // for good
		return unix.Unshare(unix.CLONE_NEWUTS)
	}},
	{name: "a namespace of users", free: unix.EINVAL, try: func(world) error { return unix.Unshare(unix.CLONE_NEWUSER) }},
	{name: "enter a namespace", free: unix.EBADF, try: func(world) error { return unix.Setns(-1, 0) }},
	{name: "trace the host", privileged: true, try: func(w world) error {
		return raw(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(w.Parent))
	}},
	{name: "be traced", try: func(world) error {
		runtime.LockOSThread() // for good
		return raw(unix.SYS_PTRACE, unix.PTRACE_TRACEME)
	}},
	{name: "read the memory of the host", privileged: true, try: func(w world) error {
		_, err := unix.ProcessVMReadv(w.Parent, vector(), remote(unsafe.Pointer(&target)), 0)
		return err
	}},
	{name: "write the memory of the host", privileged: true, try: func(w world) error {
		_, err := unix.ProcessVMWritev(w.Parent, vector(), remote(unsafe.Pointer(&target)), 0)
		return err
	}},
	{name: "descriptors of the host", privileged: true, try: func(w world) error {
		return withPidfd(w, func(fd int) error {
			got, err := unix.PidfdGetfd(fd, 2, 0)
			return errors.Join(err, closeIf(got, err))
		})
	}},
	{name: "pidfd_getfd", free: unix.EBADF, try: func(world) error { _, err := unix.PidfdGetfd(-1, 0, 0); return err }},
	{name: "signal to the host", privileged: true, try: func(w world) error { return unix.Kill(w.Parent, 0) }},
	{name: "signal to all", grant: runTrue, try: func(world) error { return unix.Kill(-1, 0) }},
	{name: "signal to the group of the host", privileged: true, try: func(w world) error {
		group, err := unix.Getpgid(w.Parent)
		if err != nil {
			return err
		}
		return unix.Kill(-group, 0)
	}},
	{name: "signal to a thread of the host", privileged: true, try: func(w world) error { return unix.Tgkill(w.Parent, w.Parent, 0) }},
	{name: "tkill", privileged: true, try: func(w world) error { return raw(unix.SYS_TKILL, uintptr(w.Parent), 0) }},
	{name: "signal with a message", privileged: true, try: func(w world) error {
		info := [128]byte{8: 0xff, 9: 0xff, 10: 0xff, 11: 0xff} // SI_QUEUE
		return raw(unix.SYS_RT_SIGQUEUEINFO, uintptr(w.Parent), 0, uintptr(unsafe.Pointer(&info)))
	}},
	{name: "signal by descriptor", privileged: true, try: func(w world) error {
		return withPidfd(w, func(fd int) error { return unix.PidfdSendSignal(fd, 0, nil, 0) })
	}},
	{name: "signal by the kernel", try: func(w world) error {
		return withFile("/dev/null", func(fd int) error {
			_, err := unix.FcntlInt(uintptr(fd), unix.F_SETOWN, w.Parent)
			return err
		})
	}},
	{name: "limits of the host", privileged: true, try: func(w world) error {
		var have unix.Rlimit
		if err := unix.Prlimit(w.Parent, unix.RLIMIT_NICE, nil, &have); err != nil {
			return err
		}
		return unix.Prlimit(w.Parent, unix.RLIMIT_NICE, &have, nil)
	}},
	{name: "raise a limit", uncertain: true, try: func(world) error {
		return unix.Prlimit(0, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 1 << 15, Max: 1 << 15}, nil)
	}},
	{name: "setrlimit", uncertain: true, try: func(world) error {
		limit := unix.Rlimit{Cur: 1 << 15, Max: 1 << 15}
		return raw(unix.SYS_SETRLIMIT, unix.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&limit)))
	}},
	{name: "outlive the host", try: func(world) error { return unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0) }},
	{name: "dump its memory", try: func(world) error { return unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0) }},
	{name: "be traced by anybody", free: unix.EINVAL, try: func(world) error {
		return unix.Prctl(unix.PR_SET_PTRACER, ^uintptr(0), 0, 0, 0)
	}},
	{name: "another memory map", uncertain: true, try: func(world) error { return unix.Prctl(unix.PR_SET_MM, 99, 0, 0, 0) }},
	{name: "a session of its own", member: true, try: func(world) error { _, err := unix.Setsid(); return err }},
	{name: "a group of its own", member: true, try: func(world) error { return unix.Setpgid(0, 0) }},
	{name: "priority of others", free: unix.ESRCH, try: func(world) error { return unix.Setpriority(unix.PRIO_PROCESS, 1<<30, 19) }},
	{name: "processors of the host", privileged: true, try: func(w world) error {
		var set unix.CPUSet
		if err := unix.SchedGetaffinity(w.Parent, &set); err != nil {
			return err
		}
		return unix.SchedSetaffinity(w.Parent, &set)
	}},
	{name: "pages of the host", free: unix.ESRCH, try: func(world) error { return raw(unix.SYS_MOVE_PAGES, 1<<30, 1) }},
	{name: "compare with the host", free: unix.ESRCH, try: func(world) error { return raw(unix.SYS_KCMP, 1<<30, 1<<30) }},
}

func vector() []unix.Iovec {
	var buf [8]byte
	v := unix.Iovec{Base: &buf[0]}
	v.SetLen(len(buf))
	return []unix.Iovec{v}
}

func remote(p unsafe.Pointer) []unix.RemoteIovec {
	return []unix.RemoteIovec{{Base: uintptr(p), Len: 8}}
}

// forkAsleep makes a process that sleeps until its group is killed.
//
//go:norace
func forkAsleep() error {
	parent := unix.Getpid()
	pid, _, errno := syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	if pid == 0 {
		wait := [2]int64{0, 100e6}
		for {
			_, _, _ = syscall.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&wait)), 0, 0)
			if id, _, _ := syscall.RawSyscall(unix.SYS_GETPPID, 0, 0, 0); int(id) != parent {
				_, _, _ = syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
			}
		}
	}
	return nil
}

// onFirstThread runs a function on the thread by which the process is known. Threads that are not are not used again.
func onFirstThread(do func()) {
	for {
		first := make(chan bool)
		go func() {
			runtime.LockOSThread()
			if unix.Gettid() != unix.Getpid() {
				first <- false
				select {}
			}
			do()
			first <- true
		}()
		if <-first {
			return
		}
	}
}

// headless ends the first thread of the process, and lives on.
func headless(world) (string, error) {
	go onFirstThread(func() { _, _, _ = syscall.RawSyscall(unix.SYS_EXIT, 0, 0, 0) })
	grow(64 << 20)
	select {}
}

func ptr[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }

//go:build linux

package confine_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// open opens a file and closes it.
func open(path string, flags int) error {
	fd, err := unix.Open(path, flags, 0o600)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

func readsSecret(text []byte, err error) error {
	if err == nil && string(text) != secret {
		return fmt.Errorf("read %q", text)
	}
	return err
}

// ofParent is a file of the host's process.
func ofParent(name string) func(world) error {
	return func(w world) error { return open(fmt.Sprintf("/proc/%d/%s", w.Parent, name), unix.O_RDONLY) }
}

var fileEscapes = []escape{
	{name: "read the accounts", grant: read("/etc/passwd"), try: func(world) error { _, err := os.ReadFile("/etc/passwd"); return err }},
	{name: "read a file of the host's", grant: readDir, try: func(w world) error { return readsSecret(os.ReadFile(w.secret())) }},
	{name: "openat", grant: readDir, try: func(w world) error { return open(w.secret(), unix.O_RDONLY) }},
	{name: "openat2", grant: readDir, try: func(w world) error {
		fd, err := unix.Openat2(unix.AT_FDCWD, w.secret(), &unix.OpenHow{Flags: unix.O_RDONLY | unix.O_CLOEXEC})
		return errors.Join(err, closeIf(fd, err))
	}},
	{name: "list a folder", grant: readDir, try: func(w world) error { _, err := os.ReadDir(w.Dir); return err }},
	{name: "read what another folder has", given: readGranted, grant: readDir, try: func(w world) error { return readsSecret(os.ReadFile(w.secret())) }},
	{name: "from a granted folder up", given: readGranted, grant: readDir, try: func(w world) error {
		dir, err := unix.Open(w.Granted, unix.O_DIRECTORY|unix.O_PATH, 0)
		if err != nil {
			return errors.New(err.Error())
		}
		fd, err := unix.Openat(dir, "../secret", unix.O_RDONLY, 0)
		return errors.Join(err, closeIf(fd, err), unix.Close(dir))
	}},
	{name: "after a chdir", grant: readDir, try: func(w world) error {
		if err := os.Chdir(w.Dir); err != nil {
			return errors.New(err.Error())
		}
		return open("secret", unix.O_RDONLY)
	}},
	{name: "along a link in a granted folder", given: readGranted, grant: readDir, try: func(w world) error { return readsSecret(os.ReadFile(w.granted("link"))) }},
	{name: "along a link of its own", given: writeGranted, grant: writeDir, try: func(w world) error {
		if err := os.Symlink(w.secret(), w.granted("own")); err != nil {
			return errors.New(err.Error())
		}
		return readsSecret(os.ReadFile(w.granted("own")))
	}},
	{name: "a hard link into a granted folder", given: writeGranted, grant: writeDir, want: moved, try: func(w world) error {
		if err := os.Link(w.secret(), w.granted("hard")); err != nil {
			return err
		}
		return readsSecret(os.ReadFile(w.granted("hard")))
	}},
	{name: "a hard link out of a granted folder", given: writeGranted, grant: writeDir, want: moved, try: func(w world) error { return os.Link(w.granted("file"), filepath.Join(w.Dir, "hard")) }},
	{name: "rename into a granted folder", given: writeGranted, grant: writeDir, want: moved, try: func(w world) error { return os.Rename(w.secret(), w.granted("moved")) }},
	{name: "rename out of a granted folder", given: writeGranted, grant: writeDir, want: moved, try: func(w world) error { return os.Rename(w.granted("file"), filepath.Join(w.Dir, "moved")) }},
	{name: "exchange with a granted file", given: writeGranted, grant: writeDir, want: moved, try: func(w world) error {
		return unix.Renameat2(unix.AT_FDCWD, w.secret(), unix.AT_FDCWD, w.granted("file"), unix.RENAME_EXCHANGE)
	}},
	{name: "a descriptor without rights, opened again", grant: func(w world) (p permissions) {
		p.Read = []string{w.Dir, "/proc"}
		return p
	}, try: func(w world) error {
		fd, err := unix.Open(w.secret(), unix.O_PATH, 0)
		if err != nil {
			return errors.New(err.Error())
		}
		defer unix.Close(fd)
		return open(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_RDONLY)
	}},
	{name: "the root of a process", grant: read("/"), try: func(w world) error { return open("/proc/self/root"+w.secret(), unix.O_RDONLY) }},
	{name: "the working folder of a process", grant: read("/"), try: func(world) error { return open("/proc/self/cwd/secret", unix.O_RDONLY) }},
	{name: "the environment of init", uncertain: true, try: func(world) error { return open("/proc/1/environ", unix.O_RDONLY) }},
	{name: "the environment of the host", privileged: true, try: ofParent("environ")},
	{name: "the memory of the host", privileged: true, try: ofParent("mem")},
	{name: "the memory map of the host", privileged: true, try: ofParent("maps")},
	{name: "what a descriptor of the host is", privileged: true, try: func(w world) error {
		_, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/0", w.Parent))
		return err
	}},
	{name: "a descriptor of the host's", privileged: true, try: ofParent("fd/0")},
	{name: "the root of the host", privileged: true, try: ofParent("root/etc/hostname")},
	{name: "what init is called with", grant: read("/proc"), try: func(world) error { return open("/proc/1/cmdline", unix.O_RDONLY) }},
	{name: "a handle of a file", try: func(w world) error {
		_, _, err := unix.NameToHandleAt(unix.AT_FDCWD, w.secret(), 0)
		return err
	}},
	{name: "open by handle", free: unix.EBADF, privileged: true, try: func(world) error {
		fd, err := unix.OpenByHandleAt(-1, unix.NewFileHandle(1, make([]byte, 8)), unix.O_RDONLY)
		return errors.Join(err, closeIf(fd, err))
	}},
	{name: "watch a file", try: func(w world) error {
		fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
		return errors.Join(err, closeIf(fd, err))
	}},
	{name: "watch the system", privileged: true, try: func(world) error {
		fd, err := unix.FanotifyInit(unix.FAN_CLOEXEC, unix.O_RDONLY)
		return errors.Join(err, closeIf(fd, err))
	}},

	{name: "write over a file", given: readDir, grant: writeDir, try: func(w world) error { return os.WriteFile(w.secret(), []byte("mine"), 0o600) }},
	{name: "append to a file", given: readDir, grant: writeDir, try: func(w world) error { return open(w.secret(), unix.O_WRONLY|unix.O_APPEND) }},
	{name: "open for reading and empty", given: readDir, grant: writeDir, try: func(w world) error { return open(w.secret(), unix.O_RDONLY|unix.O_TRUNC) }},
	{name: "truncate", given: readDir, grant: writeDir, try: func(w world) error { return unix.Truncate(w.secret(), 0) }},
	{name: "truncate where something else may be written", given: writeGranted, grant: writeDir, try: func(w world) error { return unix.Truncate(w.secret(), 0) }},
	{name: "make a file", given: readDir, grant: writeDir, try: func(w world) error { return os.WriteFile(filepath.Join(w.Dir, "new"), nil, 0o600) }},
	{name: "make a temporary file", grant: func(world) (p permissions) {
		p.Write = []string{os.TempDir()}
		return p
	}, try: func(world) error {
		f, err := os.CreateTemp("", "confine")
		if err == nil {
			err = errors.Join(f.Close(), os.Remove(f.Name()))
		}
		return err
	}},
	{name: "make a file without a name", grant: writeDir, try: func(w world) error { return open(w.Dir, unix.O_TMPFILE|unix.O_RDWR) }},
	{name: "write shared memory", given: writeDir, grant: func(world) (p permissions) {
		p.Write = []string{"/dev/shm"}
		return p
	}, try: func(w world) error {
		path := "/dev/shm/" + strings.TrimPrefix(w.Abstract, "@")
		return errors.Join(open(path, unix.O_CREAT|unix.O_RDWR), ignore(os.Remove(path)))
	}},
	{name: "make a folder", grant: writeDir, try: func(w world) error { return os.Mkdir(filepath.Join(w.Dir, "new"), 0o700) }},
	{name: "make a link", grant: writeDir, try: func(w world) error { return os.Symlink("/", filepath.Join(w.Dir, "new")) }},
	{name: "make a pipe", grant: writeDir, try: func(w world) error { return unix.Mkfifo(filepath.Join(w.Dir, "new"), 0o600) }},
	{name: "make a socket", try: func(w world) error { return unix.Mknod(filepath.Join(w.Dir, "new"), unix.S_IFSOCK|0o600, 0) }},
	{name: "make a device", privileged: true, try: func(w world) error {
		return unix.Mknod(filepath.Join(w.Dir, "new"), unix.S_IFBLK|0o600, int(unix.Mkdev(7, 0)))
	}},
	{name: "remove a file", given: readDir, grant: writeDir, try: func(w world) error { return unix.Unlink(w.secret()) }},
	{name: "remove a folder", given: readDir, grant: writeDir, try: func(w world) error { return unix.Rmdir(w.granted("sub")) }},
}

// moved is what moving a file to where something else is allowed comes to: as if the folders were on two disks.
var moved = []unix.Errno{unix.EPERM, unix.EACCES, unix.EXDEV}

func closeIf(fd int, err error) error {
	if err == nil {
		return unix.Close(fd)
	}
	return nil
}

func ignore(error) error { return nil }

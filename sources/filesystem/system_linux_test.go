package filesystem

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The kernel keeps so many events for who does not read them, and drops the rest: a folder that is new among them.
func TestWatchOutlivesAnOverflow(t *testing.T) {
	text, err := os.ReadFile("/proc/sys/fs/inotify/max_queued_events")
	if err != nil {
		t.Skip(err)
	}
	limit, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || limit > 100_000 {
		t.Skipf("the queue takes %d events, %v", limit, err)
	}
	dir, src := newFolder(t)
	w := &watchers{}
	src.newWatcher = w.next
	ctx, cancel := context.WithCancel(t.Context())
	told, held := make(chan struct{}, 100), make(chan struct{}, 1)
	release := make(chan struct{})
	ended := make(chan error, 1)
	reports := 0
	go func() {
		ended <- src.Watch(ctx, func() {
			if reports++; reports == 2 {
				held <- struct{}{}
				<-release
			}
			told <- struct{}{}
		})
	}()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the watch ended with %v", err)
		}
	}()
	await(t, told)
	writeFile(t, filepath.Join(dir, "a"), "two")
	await(t, held)
	var both [2]*os.File
	for i := range both {
		if both[i], err = os.Create(filepath.Join(dir, fmt.Sprint("file", i))); err != nil {
			t.Fatal(err)
		}
		defer both[i].Close()
	}
	for i := range limit + 8000 { // the watcher holds a few thousand of its own
		if _, err := both[i%2].WriteAt([]byte("x"), 0); err != nil {
			t.Fatal(err)
		}
	}
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, made := w.current(); made != 1 {
		t.Fatalf("there are %d watchers before anything was lost", made)
	}
	close(release)
	w.covers(t, sub)
	w.mu.Lock()
	if w.overflows == 0 {
		t.Error("nothing was lost")
	}
	w.mu.Unlock()
	drain(told)
	writeFile(t, filepath.Join(sub, "a"), "x")
	await(t, told)
}

// However often the folders change, there are two watchers at most, and none at the end.
func TestWatchLeavesNothingBehind(t *testing.T) {
	dir, src := newFolder(t)
	for _, name := range []string{"x/y/z", "0"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	w := &watchers{}
	src.newWatcher = w.next
	goroutines, descriptors := runtime.NumGoroutine(), open(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := make(chan struct{}, 1000), make(chan error, 1)
	go func() { ended <- src.Watch(ctx, func() { told <- struct{}{} }) }()
	await(t, told)
	for i := range 200 {
		next := filepath.Join(dir, fmt.Sprint(i+1))
		if err := os.Rename(filepath.Join(dir, fmt.Sprint(i)), next); err != nil {
			t.Fatal(err)
		}
		w.covers(t, next)
		if n := open(t, "anon_inode:inotify"); n > 2 {
			t.Fatalf("there are %d watchers", n)
		}
		if n := runtime.NumGoroutine(); n > goroutines+10 {
			t.Fatalf("there are %d goroutines, there were %d", n, goroutines)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := open(t, "anon_inode:inotify"); n != 0 {
		t.Errorf("%d watchers are left", n)
	}
	if n := open(t, ""); n > descriptors {
		t.Errorf("there are %d open files, there were %d", n, descriptors)
	}
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("there are %d goroutines, there were %d", runtime.NumGoroutine(), goroutines)
		}
	}
}

// open counts the open files of this process that are of a kind.
func open(t *testing.T, kind string) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	n := 0
	for _, e := range entries {
		target, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && strings.HasPrefix(target, kind) {
			n++
		}
	}
	return n
}

// inNamespaces runs a test once more, as root of a user namespace and of others, where that can be had.
func inNamespaces(t *testing.T, others uintptr, run func(*testing.T)) {
	t.Helper()
	if os.Getenv("SCRIPTD_TEST_NAMESPACE") != "" {
		run(t)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "SCRIPTD_TEST_NAMESPACE=yes")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | others,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, syscall.EPERM), strings.Contains(string(out), "--- SKIP"):
		t.Skipf("there is no namespace: %v\n%s", err, out)
	case err != nil || !strings.Contains(string(out), "--- PASS"):
		t.Errorf("%v\n%s", err, out)
	}
}

// Nobody tells of a file system that is mounted over a folder, or taken away.
func TestWatchSeesAMount(t *testing.T) { inNamespaces(t, syscall.CLONE_NEWNS, watchAMount) }

func watchAMount(t *testing.T) {
	t.Helper()
	for _, over := range []string{".", "b", "b/c"} {
		t.Run(over, func(t *testing.T) {
			base := t.TempDir()
			dir := filepath.Join(base, "b", "c")
			fill := func(content string) {
				t.Helper()
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				writeFile(t, filepath.Join(dir, "a"), content)
			}
			fill("below")
			src, err := New(Options{Path: dir})
			if err != nil {
				t.Fatal(err)
			}
			told, _ := watched(t, src)
			until := func(want string) {
				t.Helper()
				for got := ""; got != want; {
					await(t, told)
					if rev, err := src.Resolve(t.Context()); err == nil {
						files, _ := fetched(t, src, rev, "") // it may change once more
						got = files["a"]
					}
				}
			}
			if err := syscall.Mount("tmpfs", filepath.Join(base, over), "tmpfs", 0, ""); err != nil {
				t.Skip(err)
			}
			await(t, told) // that it is another, or none
			fill("above")
			until("above")
			fill("changed")
			until("changed")
			if err := syscall.Unmount(filepath.Join(base, over), syscall.MNT_DETACH); err != nil {
				t.Fatal(err)
			}
			until("below")
		})
	}
}

// The limits of the system are those of a user namespace, which a test can set.
func TestWatchAtTheLimitsOfTheSystem(t *testing.T) { inNamespaces(t, 0, watchAtTheLimits) }

func watchAtTheLimits(t *testing.T) {
	t.Helper()
	set := func(name string, limit int) {
		t.Helper()
		if err := os.WriteFile("/proc/sys/user/max_inotify_"+name, []byte(strconv.Itoa(limit)), 0); err != nil {
			t.Skip(err)
		}
	}
	ends := func(t *testing.T, ended <-chan error, want string) {
		t.Helper()
		select {
		case err := <-ended:
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("it ends with %v, want %s", err, want)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("the watch does not end")
		}
	}
	t.Run("watches", func(t *testing.T) {
		dir, src := newFolder(t)
		set("watches", 6) // 3 folders: not enough for two coverages at once
		for _, name := range []string{"x", "y"} {
			if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		told, ended := watched(t, src)
		if err := os.Mkdir(filepath.Join(dir, "z"), 0o755); err != nil {
			t.Fatal(err)
		}
		await(t, told)
		drain(told)
		writeFile(t, filepath.Join(dir, "z", "a"), "1")
		await(t, told)
		for i := range 5 {
			if err := os.Mkdir(filepath.Join(dir, "z", fmt.Sprint(i)), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		ends(t, ended, "no more folders can be watched (fs.inotify.max_user_watches): no space left on device")
		if n := open(t, "anon_inode:inotify"); n != 0 {
			t.Errorf("%d watchers are left", n)
		}
		set("watches", 100)
		told, _ = watched(t, src)
		writeFile(t, filepath.Join(dir, "z", "3", "a"), "1")
		await(t, told)
	})
	t.Run("watchers", func(t *testing.T) {
		dir, src := newFolder(t)
		set("instances", 1) // it renews with one
		told, ended := watched(t, src)
		if err := os.Mkdir(filepath.Join(dir, "x"), 0o755); err != nil {
			t.Fatal(err)
		}
		await(t, told)
		set("instances", 0)
		if err := os.Mkdir(filepath.Join(dir, "y"), 0o755); err != nil {
			t.Fatal(err)
		}
		ends(t, ended, "no more watchers can be had (fs.inotify.max_user_instances, or open files)")
	})
}

//go:build linux

package confine_test

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	"github.com/scriptd/scriptd/engine/worker/confine"
)

// escape is an attempt at what was not granted.
type escape struct {
	name string
	try  func(world) error
	// given is what is granted where the attempt must fail. Nil is nothing.
	given grant
	// grant is what lets it succeed. Nil is for what fails with everything granted.
	grant grant
	// want are the errors that it may fail with. None is EPERM and EACCES.
	want []syscall.Errno
	// free is what it gets in a process that is not confined: with arguments that do no harm, this is often an error too.
	free syscall.Errno
	// privileged attempts fail for want of privileges, confined or not, if they are not root's.
	privileged bool
	// uncertain attempts may fail for other reasons too.
	uncertain bool
	// member attempts are made in the group of the host.
	member bool
	// killed attempts end the process.
	killed bool
}

func allEscapes() []escape {
	return slices.Concat(fileEscapes, metadataEscapes, networkEscapes, processEscapes, kernelEscapes, machineEscapes, archEscapes)
}

func allCases() map[string]func(world) (string, error) {
	all := map[string]func(world) (string, error){}
	add := func(name string, try func(world) (string, error)) {
		if all[name] != nil {
			panic("there are two cases called " + name)
		}
		all[name] = try
	}
	for _, e := range allEscapes() {
		add(e.name, func(w world) (string, error) { return "", e.try(w) })
	}
	for _, more := range []map[string]func(world) (string, error){needs, holes, limits, states} {
		for name, try := range more {
			add(name, try)
		}
	}
	return all
}

// nobody is a user without privileges.
const nobody = 65534

// users are those that attempts are made as: root is held to the same as others.
func users() map[string]int {
	if os.Getuid() == 0 {
		return map[string]int{"root": 0, "nobody": nobody}
	}
	return map[string]int{"user": os.Getuid()}
}

// needLandlock skips a test where the kernel cannot pass it. This is for the machines of others: where there is Landlock, the
// tests run.
func needLandlock(t *testing.T, abi int) {
	t.Helper()
	for _, f := range confine.Probe() {
		if f.Name == "system calls" && !f.Have {
			t.Skip(f)
		}
	}
	if have, err := ll.LandlockGetABIVersion(); err != nil || have < abi {
		t.Skipf("it takes Landlock %d, and this is %d: %v", abi, have, err)
	}
}

// scopedByThreads reports whether the kernel has a domain for all threads of a process.
func scopedByThreads() bool {
	abi, err := ll.LandlockGetABIVersion()
	return err == nil && abi >= 8
}

func TestEscapes(t *testing.T) {
	needLandlock(t, 4)
	for user, uid := range users() {
		for _, e := range allEscapes() {
			t.Run(user+"/"+e.name, func(t *testing.T) {
				t.Parallel()
				e.run(t, uid)
			})
		}
	}
}

func (e escape) world(t *testing.T, uid int) world {
	t.Helper()
	w := newWorld(t, uid)
	w.Group = !e.member
	return w
}

func (e escape) run(t *testing.T, uid int) {
	t.Helper()
	w := e.world(t, uid)
	given := e.given
	if given == nil {
		given = nothing
	}
	e.fails(t, do(t, uid, job{Case: e.name, World: w, Policy: confine.Policy{Permissions: given(w)}}), "confined")
	if e.grant == nil {
		a := do(t, uid, job{Case: e.name, World: e.world(t, uid), Policy: confine.Policy{Permissions: everything(w)}, Scope: true})
		e.fails(t, a, "with everything granted")
	} else {
		w := e.world(t, uid)
		a := do(t, uid, job{Case: e.name, World: w, Policy: confine.Policy{Permissions: e.grant(w)}})
		if a.Ended != nil || a.Error != "" {
			t.Errorf("granted: got %v", a)
		}
	}
	if e.uncertain || e.privileged && uid != 0 {
		return
	}
	a := do(t, uid, job{Case: e.name, World: e.world(t, uid), Bare: true})
	if a.Ended != nil || a.Errno != e.free || a.Errno == 0 && a.Error != "" {
		t.Errorf("not confined: got %v, want %v", a, e.free)
	}
}

func (e escape) fails(t *testing.T, a answer, how string) {
	t.Helper()
	if e.killed {
		if a.Ended == nil || a.Ended.Sys().(syscall.WaitStatus).Signal() != unix.SIGSYS {
			t.Errorf("%s: got %v, want %v", how, a, unix.SIGSYS)
		}
		return
	}
	want := e.want
	if want == nil {
		want = []syscall.Errno{unix.EPERM, unix.EACCES}
	}
	if a.Ended != nil || !slices.Contains(want, a.Errno) {
		t.Errorf("%s: got %v, want one of %v", how, a, want)
	}
	if strings.Contains(a.Output, secret) {
		t.Errorf("%s: it got at %q", how, a.Output)
	}
}

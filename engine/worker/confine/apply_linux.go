package confine

import (
	"fmt"
	"net/netip"
	"os"
	"slices"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	pkgruntime "github.com/scriptd/scriptd/engine/runtime"
)

// kernel is what there is to confine with.
type kernel struct {
	landlock int // version
	seccomp  bool
	scoped   bool // this process is in a domain of its own for signals
}

func thisKernel() kernel {
	return kernel{landlock: landlockABI(), seccomp: hasSeccomp(), scoped: scoped()}
}

func prepare(p Policy) (*Prepared, error) {
	var r Report
	limits := p.Limits.withDefaults()
	k := thisKernel()
	// All that reads files comes first.
	var own []netip.Addr
	if len(p.Permissions.Net) > 0 {
		own = ownAddresses()
	}
	net, err := parseNetwork(p.Permissions.Net, own)
	if err != nil {
		return nil, fmt.Errorf("confine: net: %w", err)
	}
	files, err := newFileRules(p, net)
	if err != nil {
		return nil, fmt.Errorf("confine: %w", err)
	}
	r.Ignored = files.ignored
	if err := setEnvironment(p); err != nil {
		return nil, fmt.Errorf("confine: %w", err)
	}
	if err := limit(&r, p, limits); err != nil {
		return nil, fmt.Errorf("confine: %w", err)
	}
	if p.Permissions.All {
		r.Enforced = append(r.Enforced, "nothing else: all is allowed")
		return &Prepared{r, func(*Report) error { return nil }}, nil
	}
	lock, err := newLock(p.Permissions, k, files, net)
	if err != nil {
		return nil, fmt.Errorf("confine: %w", err)
	}
	return &Prepared{r, func(r *Report) error {
		if err := lock.close(r); err != nil {
			return fmt.Errorf("confine: %w", err)
		}
		r.describe(p, k, net)
		return nil
	}}, nil
}

func filterOf(g pkgruntime.Permissions, net network) filter {
	return newFilter(access{
		pid: uint32(os.Getpid()), net: net.granted, listen: net.listen, run: len(g.Run) > 0,
		write: len(g.Write) > 0, writeAll: slices.Contains(g.Write, "/"),
	})
}

// setEnvironment has temporary files made where they may be.
func setEnvironment(p Policy) error {
	if err := os.Unsetenv(scopeVariable); err != nil {
		return err
	}
	if p.Temp == "" || len(p.Permissions.Write) == 0 && !p.Permissions.All {
		return nil
	}
	return os.Setenv("TMPDIR", p.Temp)
}

// limit bounds how much is used.
func limit(r *Report, p Policy, l Limits) error {
	setRuntime(l)
	r.Enforced = append(r.Enforced, "stacks of "+size(maxStack)+" (Go)")
	said, err := setRlimits(l)
	if err != nil {
		return err
	}
	r.Enforced = append(r.Enforced, said...)
	if !startsPrograms(p) || !l.hasProcesses() {
		return nil
	}
	why, err := boundTasks(l)
	if err != nil {
		return err
	}
	if why != "" {
		r.Missing = append(r.Missing, "a bomb of processes is ended by whoever watches this one, and no sooner: "+why)
	} else {
		r.Enforced = append(r.Enforced, "a ceiling on the processes of this user (RLIMIT_NPROC)")
	}
	return nil
}

// lock is what keeps this process from what was not granted, and is still to be closed: what each thread has to do by itself.
type lock struct {
	keep   uint64  // capabilities
	domain *domain // nil where the kernel has no Landlock
	filter code    // none where it has no filters
}

func newLock(g pkgruntime.Permissions, k kernel, files fileRules, net network) (*lock, error) {
	l := &lock{}
	if len(net.bind) > 0 || net.anyBind {
		l.keep |= capBind
	}
	if k.landlock >= abiFiles {
		l.keep |= capOpen
		var err error
		if l.domain, err = newDomain(k.landlock, files, net, k.landlock >= abiThreads && len(g.Run) > 0); err != nil {
			return nil, err
		}
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("close this process to others: %w", err)
	}
	if k.seccomp {
		filter := filterOf(g, net)
		l.filter = filter.late
		return l, install(filter.early)
	}
	if err := ll.AllThreadsPrctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("no_new_privs: %w", err)
	}
	return l, nil
}

func (l *lock) close(r *Report) error {
	dropped, err := dropCapabilities(l.keep)
	if err != nil {
		return err
	}
	if dropped {
		r.Enforced = append(r.Enforced, "the capabilities of root are gone")
	}
	if l.domain != nil {
		if err := l.domain.enter(); err != nil {
			return err
		}
	}
	if l.filter != nil {
		return install(l.filter)
	}
	return nil
}

func startsPrograms(p Policy) bool { return p.Permissions.All || len(p.Permissions.Run) > 0 }

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

func apply(p Policy) (Report, error) {
	var r Report
	if err := r.apply(p); err != nil {
		return r, fmt.Errorf("confine: %w", err)
	}
	return r, nil
}

func (r *Report) apply(p Policy) error {
	k := thisKernel()
	// All that reads files comes first.
	var own []netip.Addr
	if len(p.Permissions.Net) > 0 {
		own = ownAddresses()
	}
	net, err := parseNetwork(p.Permissions.Net, own)
	if err != nil {
		return fmt.Errorf("net: %w", err)
	}
	files, err := newFileRules(p, net)
	if err != nil {
		return err
	}
	r.Ignored = files.ignored
	if err := setEnvironment(p); err != nil {
		return err
	}
	if err := limit(r, p, p.Limits.withDefaults()); err != nil {
		return err
	}
	if p.Permissions.All {
		r.Enforced = append(r.Enforced, "nothing else: all is allowed")
		return nil
	}
	if err := lock(r, p.Permissions, k, files, net); err != nil {
		return err
	}
	r.describe(p, k, net)
	return nil
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

// lock keeps this process from what was not granted.
func lock(r *Report, g pkgruntime.Permissions, k kernel, files fileRules, net network) error {
	var keep uint64 // capabilities
	if len(net.bind) > 0 || net.anyBind {
		keep |= capBind
	}
	var rules *domain
	if k.landlock >= abiFiles {
		keep |= capOpen
		var err error
		if rules, err = newDomain(k.landlock, files, net, k.landlock >= abiThreads && len(g.Run) > 0); err != nil {
			return err
		}
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("close this process to others: %w", err)
	}
	dropped, err := dropCapabilities(keep)
	if err != nil {
		return err
	}
	if dropped {
		r.Enforced = append(r.Enforced, "the capabilities of root are gone")
	}
	if !k.seccomp {
		if err := ll.AllThreadsPrctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("no_new_privs: %w", err)
		}
		return rules.enter()
	}
	filter := filterOf(g, net)
	if err := install(filter.early); err != nil {
		return err
	}
	if err := rules.enter(); err != nil || filter.late == nil {
		return err
	}
	return install(filter.late)
}

func startsPrograms(p Policy) bool { return p.Permissions.All || len(p.Permissions.Run) > 0 }

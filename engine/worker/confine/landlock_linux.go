package confine

import (
	"errors"
	"fmt"
	"os"
	"slices"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// The versions of Landlock that bring what is used of it.
const (
	abiFiles    = 1
	abiRefer    = 2 // files can be moved between folders; without it they cannot
	abiTruncate = 3
	abiTCP      = 4
	abiDevices  = 5
	abiScopes   = 6
	abiThreads  = 8 // one domain for all threads, where there was one for each
	abiSockets  = 9
	abiUDP      = 10
)

// landlockABI is the version that the kernel has. Zero is none.
func landlockABI() int {
	version, err := ll.LandlockGetABIVersion()
	if err != nil || version < 0 {
		return 0
	}
	return version
}

// handledFiles are the rights that a version of Landlock knows. What is not granted of them is denied.
func handledFiles(abi int) uint64 {
	handled := uint64(ll.AccessFSMakeSym<<1 - 1)
	for _, since := range []struct {
		abi    int
		access uint64
	}{
		{abiRefer, ll.AccessFSRefer},
		{abiTruncate, ll.AccessFSTruncate},
		{abiDevices, ll.AccessFSIoctlDev},
		{abiSockets, ll.AccessFSResolveUnix},
	} {
		if abi >= since.abi {
			handled |= since.access
		}
	}
	return handled
}

// domain is what Landlock is to hold this process to.
type domain struct {
	abi  int
	file *os.File // the rules
}

// newDomain makes the rules.
func newDomain(abi int, files fileRules, net network, scopeSignals bool) (*domain, error) {
	handled := handledFiles(abi)
	ports, portRules := portRules(abi, net)
	attr := ll.RulesetAttr{HandledAccessFS: handled, HandledAccessNet: ports}
	if abi >= abiScopes {
		attr.Scoped |= ll.ScopeAbstractUnixSocket
		if scopeSignals {
			attr.Scoped |= ll.ScopeSignal
		}
	}
	fd, err := ll.LandlockCreateRuleset(&attr, 0)
	if err != nil {
		return nil, fmt.Errorf("landlock: make rules: %w", err)
	}
	d := &domain{abi, os.NewFile(uintptr(fd), "landlock rules")}
	rules := files.rules
	if abi < abiThreads {
		// The library that has all threads do something looks for more of them when the first one is restricted already.
		rules = append(slices.Clip(rules), fileRule{fmt.Sprintf("/proc/%d/task", os.Getpid()), ll.AccessFSReadDir})
	}
	for _, r := range rules {
		if access := r.access & handled; access != 0 && err == nil {
			err = d.allow(r.path, access)
		}
	}
	for _, r := range portRules {
		if err == nil {
			err = ll.LandlockAddNetPortRule(fd, &r, 0)
		}
	}
	if err != nil {
		d.file.Close()
		return nil, fmt.Errorf("landlock: add a rule: %w", err)
	}
	return d, nil
}

// allow adds a rule for a file, or for a folder with all that is in it. One that is gone by now is left out.
func (d *domain) allow(path string, access uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer unix.Close(fd)
	if err := ll.LandlockAddPathBeneathRule(int(d.file.Fd()), &ll.PathBeneathAttr{AllowedAccess: access, ParentFd: fd}, 0); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// enter holds all threads of this process to the rules, if there are any. They must not get new privileges any more.
func (d *domain) enter() error {
	if d == nil {
		return nil
	}
	defer d.file.Close()
	fd := int(d.file.Fd())
	if d.abi < abiThreads {
		if err := ll.AllThreadsLandlockRestrictSelf(fd, 0); err != nil {
			return fmt.Errorf("landlock: %w", err)
		}
		return nil
	}
	if err := ll.LandlockRestrictSelf(fd, ll.FlagRestrictSelfTSync); err != nil {
		return fmt.Errorf("landlock: %w", err)
	}
	return nil
}

// portRules returns what is restricted of ports, and the exceptions.
func portRules(abi int, net network) (handled uint64, rules []ll.NetPortAttr) {
	if abi < abiTCP {
		return 0, nil
	}
	udp := abi >= abiUDP
	if !net.anyPort {
		connect := uint64(ll.AccessNetConnectTCP)
		if udp {
			connect |= ll.AccessNetConnectSendUDP
		}
		handled |= connect
		for _, port := range net.connect {
			rules = append(rules, ll.NetPortAttr{AllowedAccess: connect, Port: uint64(port)})
		}
	}
	if !net.anyBind {
		bind := uint64(ll.AccessNetBindTCP)
		if udp {
			bind |= ll.AccessNetBindUDP
			if net.granted {
				rules = append(rules, ll.NetPortAttr{AllowedAccess: ll.AccessNetBindUDP}) // whoever sends has a port of his own
			}
		}
		handled |= bind
		for _, port := range net.bind {
			rules = append(rules, ll.NetPortAttr{AllowedAccess: bind, Port: uint64(port)})
		}
	}
	return handled, rules
}

package confine

import (
	"fmt"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
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

// restrict puts all threads of this process into a Landlock domain.
func restrict(abi int, files fileRules, net network, scopeSignals bool) error {
	handled := handledFiles(abi)
	var rules []landlock.Rule
	for _, r := range files.rules {
		if access := r.access & handled; access != 0 {
			rules = append(rules, landlock.PathAccess(landlock.AccessFSSet(access), r.path).IgnoreIfMissing())
		}
	}
	ports, portRules := portRules(abi, net)
	rules = append(rules, portRules...)
	var scopes landlock.ScopedSet
	if abi >= abiScopes {
		scopes |= ll.ScopeAbstractUnixSocket
		if scopeSignals {
			scopes |= ll.ScopeSignal
		}
	}
	config, err := landlock.NewConfig(landlock.AccessFSSet(handled), ports, scopes)
	if err != nil {
		return fmt.Errorf("landlock: %w", err)
	}
	if err := config.Restrict(rules...); err != nil {
		return fmt.Errorf("landlock: %w", err)
	}
	return nil
}

// portRules returns what is restricted of ports, and the exceptions.
func portRules(abi int, net network) (handled landlock.AccessNetSet, rules []landlock.Rule) {
	if abi < abiTCP {
		return 0, nil
	}
	udp := abi >= abiUDP
	if !net.anyPort {
		handled |= ll.AccessNetConnectTCP
		if udp {
			handled |= ll.AccessNetConnectSendUDP
		}
		for _, port := range net.connect {
			rules = append(rules, landlock.ConnectTCP(port))
			if udp {
				rules = append(rules, landlock.ConnectSendUDP(port))
			}
		}
	}
	if !net.anyBind {
		handled |= ll.AccessNetBindTCP
		if udp {
			handled |= ll.AccessNetBindUDP
			if net.granted {
				rules = append(rules, landlock.BindUDP(0)) // whoever sends has a port of his own
			}
		}
		for _, port := range net.bind {
			rules = append(rules, landlock.BindTCP(port))
			if udp {
				rules = append(rules, landlock.BindUDP(port))
			}
		}
	}
	return handled, rules
}

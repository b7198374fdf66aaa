package confine

import "fmt"

// Names of what is confined.
const (
	nameFiles   = "files"
	nameNetwork = "network"
	nameCalls   = "system calls"
	nameSignals = "signals"
)

// describe says what the kernel holds the process to, and what it lacks for the rest.
func (r *Report) describe(p Policy, k kernel, net network) {
	enforced := func(name, how string) { r.Enforced = append(r.Enforced, name+": "+how) }
	missing := func(name, what string) { r.Missing = append(r.Missing, name+": "+what) }

	if k.landlock < abiFiles {
		missing(nameFiles, "all of this user's: "+noLandlock)
	} else {
		enforced(nameFiles, fmt.Sprintf("those that are granted (Landlock %d)", k.landlock))
	}
	if k.landlock >= abiFiles && k.landlock < abiTruncate && (!k.seccomp || len(p.Permissions.Write) > 0) {
		missing(nameFiles, fmt.Sprintf("any may be emptied: Landlock %d does not cover that, %d does", k.landlock, abiTruncate))
	}

	if k.seccomp {
		enforced(nameCalls, "those that packages need (seccomp)")
	} else {
		missing(nameCalls, "all that this user may make: "+noSeccomp)
	}
	switch {
	case !net.granted && k.seccomp:
		enforced(nameNetwork, "none (seccomp)")
	case net.anyPort && net.anyBind:
		// Nothing of it is to be held back.
	case k.landlock >= abiTCP:
		enforced(nameNetwork, fmt.Sprintf("the ports that are granted, of TCP (Landlock %d)", k.landlock))
	default:
		missing(nameNetwork, fmt.Sprintf("all ports: it takes Landlock %d, and this is %d", abiTCP, k.landlock))
	}
	if (net.granted || !k.seccomp) && k.landlock < abiUDP && !net.anyPort {
		missing(nameNetwork, fmt.Sprintf("UDP reaches every port: it takes Landlock %d, and this is %d", abiUDP, k.landlock))
	}
	switch {
	case len(p.Permissions.Run) == 0 && k.seccomp:
		enforced(nameSignals, "to itself (seccomp)")
	case k.scoped || k.landlock >= abiThreads && len(p.Permissions.Run) > 0:
		enforced(nameSignals, "to itself and what it has started (Landlock)")
	default:
		missing(nameSignals, "to all processes of this user: "+noScope(k.landlock))
	}
}

const (
	noLandlock = "the kernel has no Landlock, or it was not asked to at boot (lsm=landlock)"
	noSeccomp  = "the kernel has no filters for all threads, or there are none for this architecture"
)

func noScope(abi int) string {
	switch {
	case abi < abiScopes:
		return fmt.Sprintf("it takes Landlock %d, and this is %d", abiScopes, abi)
	default:
		return "Scope was not called"
	}
}

package confine

import "fmt"

func probe() []Feature {
	k := thisKernel()
	since := func(name string, abi int, have, lack string) Feature {
		if k.landlock < abi {
			return Feature{Name: name, Essential: abi <= abiTCP, Fix: fixLandlock(abi), Detail: fmt.Sprintf("%s: it takes Landlock %d, and this is %d", lack, abi, k.landlock)}
		}
		return Feature{Name: name, Have: true, Essential: abi <= abiTCP, Detail: fmt.Sprintf("%s (Landlock %d)", have, k.landlock)}
	}
	features := []Feature{
		since(nameFiles, abiFiles, "a package opens those that it was granted", "a package opens all of this user's"),
		since("emptying files", abiTruncate, "only where it may write", "a package that may write anywhere empties all of this user's"),
		since("TCP", abiTCP, "a package reaches the ports that it was granted", "a package that was granted some reaches all"),
		since("UDP", abiUDP, "a package reaches the ports that it was granted", "a package that was granted some reaches all"),
		since(nameSignals, abiScopes, "a package that starts programs signals to those alone",
			"a package that starts programs signals to all of this user's"),
	}
	calls := Feature{Name: nameCalls, Have: k.seccomp, Essential: true, Detail: "a package makes those that it needs (seccomp)"}
	if !k.seccomp {
		calls.Fix = "run it on amd64 or arm64, with a kernel from 3.17 on that has CONFIG_SECCOMP_FILTER"
		calls.Detail = "a package makes all that this user may make: " + noSeccomp
	}
	return append(features, calls, probeGroups())
}

// kernels are those that the versions of Landlock came with.
var kernels = map[int]string{abiFiles: "5.13", abiTruncate: "6.2", abiTCP: "6.7", abiScopes: "6.12"}

func fixLandlock(abi int) string {
	if since, ok := kernels[abi]; ok {
		return "a kernel from " + since + " on, with landlock in lsm= where that is set at boot"
	}
	return "a kernel that has it; none is released that is known here"
}

package confine

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

// Capabilities of a process of root's that are kept where what they are for was granted: to open files whatever their owner, which
// Landlock bounds, and to listen on ports below 1024.
const (
	capOpen = 1 << unix.CAP_DAC_OVERRIDE
	capBind = 1 << unix.CAP_NET_BIND_SERVICE
)

// dropCapabilities takes all capabilities but some from all threads of this process, for good: nothing that is started gets them
// back, since there are no new privileges. It reports whether there were any.
func dropCapabilities(keep uint64) (dropped bool, err error) {
	header := &unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var have [2]unix.CapUserData
	if err := unix.Capget(header, &have[0]); err != nil {
		return false, fmt.Errorf("read capabilities: %w", err)
	}
	permitted := uint64(have[0].Permitted) | uint64(have[1].Permitted)<<32
	if permitted == 0 {
		return false, nil
	}
	keep &= permitted
	want := &[2]unix.CapUserData{
		{Effective: uint32(keep), Permitted: uint32(keep)},
		{Effective: uint32(keep >> 32), Permitted: uint32(keep >> 32)},
	}
	_, _, errno := psx.Syscall3(unix.SYS_CAPSET, uintptr(unsafe.Pointer(header)), uintptr(unsafe.Pointer(want)), 0)
	runtime.KeepAlive(header)
	runtime.KeepAlive(want)
	if errno != 0 {
		return false, fmt.Errorf("drop capabilities: %w", errno)
	}
	return true, nil
}

package confine

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// otherABI is nothing here: programs of 32 bits are another architecture.
var otherABI code

// This architecture has nothing besides.
var closedHere, startingHere, metadataByPathHere []uint32

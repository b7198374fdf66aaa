//go:build unix && !darwin && !linux && !openbsd

package wire

import "golang.org/x/sys/unix"

// writev writes the first part alone: the others follow.
func writev(fd int, parts [][]byte) (int, error) { return unix.Write(fd, parts[0]) }

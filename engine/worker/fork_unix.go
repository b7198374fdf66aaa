//go:build unix && !linux

package worker

import "syscall"

// attributes make a process the first of a group of its own. It ends with its host because it reads from it.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// awaitExit is a wait that leaves the process to be waited for, which this system does not offer.
func awaitExit(int) {}

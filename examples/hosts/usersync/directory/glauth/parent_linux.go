package glauth

import (
	"os/exec"
	"syscall"
)

// endWithParent has the kernel end the server when the thread that started it ends.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

//go:build unix

package exec

import (
	osexec "os/exec"
	"syscall"
)

const windows = false

// isolate puts the process at the head of a group of its own, so that it can
// be ended with all its children. On a terminal it must lead a session: the
// kernel refuses both at once.
func isolate(cmd *osexec.Cmd, terminal bool) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: !terminal, Setsid: terminal}
	dieWithServer(cmd.SysProcAttr)
}

func terminate(cmd *osexec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
}

// killGroup ends the children that the process left behind. Its group is gone
// in the usual case, and the error says no more than that.
func killGroup(cmd *osexec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

//go:build unix

package exec

import (
	"errors"
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

// terminate asks the process and its children to end. It gives
// os.ErrProcessDone where the process has ended before: that is no cancellation.
func terminate(cmd *osexec.Cmd) error {
	if syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) == nil {
		return nil
	}
	return cmd.Process.Signal(syscall.SIGTERM) // no group any more; knows why
}

// killGroup ends the children that the process left behind. Its group is gone
// in the usual case, and the error says no more than that. The process has been
// reaped, but no other can have its number yet: kernels hand numbers out in
// turn, and less than Grace has passed.
func killGroup(cmd *osexec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

// alive tells whether there is a process of that number.
func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

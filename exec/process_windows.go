package exec

import (
	osexec "os/exec"
	"syscall"
)

const windows = true

// isolate keeps a Ctrl-C for the server from podman, which the server then
// ends itself.
func isolate(cmd *osexec.Cmd, _ bool) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// terminate can only kill: Windows has no signal that podman.exe hears.
func terminate(cmd *osexec.Cmd) error { return cmd.Process.Kill() }

func killGroup(*osexec.Cmd) {}

// alive would need a handle here; what a killed server left stays.
func alive(int) bool { return true }

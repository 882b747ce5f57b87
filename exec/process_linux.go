package exec

import "syscall"

// dieWithServer has the kernel kill the process when the server is killed.
func dieWithServer(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

//go:build unix && !linux

package exec

import "syscall"

// dieWithServer has no means here: only Linux tells a child of its parent's end.
func dieWithServer(*syscall.SysProcAttr) {}

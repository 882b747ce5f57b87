//go:build unix

package exec

import (
	"errors"
	"os"
	osexec "os/exec"
	"testing"
)

// os/exec takes any other error of a Cancel for the command's own.
func TestTerminateOfAProcessThatEnded(t *testing.T) {
	cmd := osexec.Command("/bin/true")
	isolate(cmd, false)
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if err := terminate(cmd); !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	killGroup(cmd)
}

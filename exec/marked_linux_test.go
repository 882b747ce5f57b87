package exec_test

import (
	"context"
	"crypto/rand"
	"errors"
	osexec "os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"podman-mcp/exec"
)

// leaves is a command that does as podman exec does: it starts a process in
// another session, which its own end does not end, prints its number and waits.
func leaves(mark, script string) exec.Argv {
	return exec.Program("/bin/sh", "-c", `PODMAN_MCP_CALL=`+mark+` setsid /bin/sh -c '`+script+`' & wait`, "sh").Mark(mark)
}

// markedRun follows a command until it has printed n process numbers, gives it
// up, and gives the numbers and the error.
func markedRun(t *testing.T, argv exec.Argv, n int) (pids []int, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for line, failed := range standInRunner().Lines(ctx, argv) {
		if err = failed; err != nil {
			break
		}
		if len(pids) == n {
			continue // a shell may tell that its child was ended
		}
		pid, err := strconv.Atoi(string(line.Text))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
		if pids = append(pids, pid); len(pids) == n {
			cancel()
		}
	}
	return pids, err
}

func runs(pid int) bool {
	out, err := osexec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && !strings.HasPrefix(string(out), "Z")
}

func TestMarkedProcessesEndWithTheirCommand(t *testing.T) {
	for name, script := range map[string]string{
		"plain":               `echo $$; exec sleep 1000`,
		"ignores TERM":        `trap "" TERM; echo $$; exec sleep 1000`,
		"a child":             `env -i sleep 1000 & echo $!; exec 0</dev/null; wait`,
		"a child of its own":  `env -i setsid sh -c "trap : TERM; echo \$\$; sleep 1000; sleep 1000" & wait`,
		"loses its parent":    `sh -c "sleep 1000 & echo \$!"; exec sleep 1000`,
		"more than one, late": `sleep 0.1; echo $$; sleep 1000 & exec sleep 1000`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			pids, err := markedRun(t, leaves(rand.Text(), script), 1)
			if !errors.Is(err, context.Canceled) || errors.Is(err, exec.ErrLeft) {
				t.Errorf("error %v", err)
			}
			if took := time.Since(begin); took > exec.Grace+2*time.Second {
				t.Errorf("took %s", took)
			}
			for _, pid := range pids {
				if runs(pid) {
					t.Errorf("process %d still runs", pid)
				}
			}
		})
	}
}

// Another call's process stays, and what cannot be found is told.
func TestOnlyMarkedProcessesEnd(t *testing.T) {
	mark := rand.Text()
	argv := exec.Program("/bin/sh", "-c", `PODMAN_MCP_CALL=`+mark+`2 setsid sh -c 'echo $$; exec sleep 1000' & wait`, "sh").Mark(mark)
	pids, err := markedRun(t, argv, 1)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, exec.ErrLeft) {
		t.Errorf("error %v", err)
	}
	if len(pids) != 1 || !runs(pids[0]) {
		t.Errorf("processes %v are gone", pids)
	}
}

func TestInput(t *testing.T) {
	text := strings.Repeat("a line of input\n", 60000) // 937 KiB, more than a pipe holds
	result, err := standInRunner().Run(t.Context(), exec.Program("/bin/cat").Input(text))
	if err != nil || string(result.Stdout) != text {
		t.Errorf("%d bytes, %v", len(result.Stdout), err)
	}
	if _, err = standInRunner().Run(t.Context(), exec.Program("/bin/true").Input(text)); err != nil {
		t.Errorf("what nobody reads: %v", err)
	}
	var bad *exec.ArgError
	if _, err := exec.Podman("exec").Input(strings.Repeat("x", 1<<20+1)).Args(); !errors.As(err, &bad) || bad.Name != "stdin" {
		t.Errorf("more than 1 MiB: %v", err)
	}
	if exec.Podman("exec").Input("a").Key() == exec.Podman("exec").Input("b").Key() {
		t.Error("commands with another input share a run")
	}
}

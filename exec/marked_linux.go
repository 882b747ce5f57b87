package exec

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// tree are the processes with a variable in their environment and all that
// descend from them, as far as they were ever seen: what clears its environment
// or loses its parent is known from before.
type tree struct {
	variable []byte
	members  map[int]*member
}

type member struct {
	process *os.Process // a pidfd: no other process is ever meant by it
	asked   bool
}

func newTree(variable string) *tree {
	return &tree{[]byte("\x00" + variable + "\x00"), map[int]*member{}}
}

// grow looks through all processes and tells how many of the tree run.
func (t *tree) grow() int {
	parents := map[int]int{}
	folders, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well formed
	for _, folder := range folders {
		if pid, err := strconv.Atoi(filepath.Base(folder)); err == nil {
			if parent, ok := parentOf(pid); ok {
				parents[pid] = parent
			}
		}
	}
	for pid, m := range t.members {
		if _, runs := parents[pid]; !runs || m.process.Signal(syscall.Signal(0)) != nil {
			_ = m.process.Release()
			delete(t.members, pid)
		}
	}
	for pid := range parents {
		t.add(pid, func() bool {
			environ, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
			return err == nil && bytes.Contains(append([]byte{0}, environ...), t.variable)
		})
	}
	for grew := true; grew; { // a child's number may be lower than its parent's
		grew = false
		for pid, parent := range parents {
			if t.members[parent] != nil {
				grew = t.add(pid, func() bool {
					now, ok := parentOf(pid)
					return ok && now == parent
				}) || grew
			}
		}
	}
	return len(t.members)
}

// add makes the process a member where is says so of it. It is asked once the
// process is held: before that, the number could be given to another one.
func (t *tree) add(pid int, is func() bool) bool {
	if t.members[pid] != nil || pid == os.Getpid() {
		return false
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	if !is() || process.Signal(syscall.Signal(0)) != nil {
		_ = process.Release()
		return false
	}
	t.members[pid] = &member{process: process}
	return true
}

// end asks each member to end, once, or kills them all.
func (t *tree) end(kill bool) {
	for _, m := range t.members {
		switch {
		case kill:
			_ = m.process.Kill() // one that has ended since is what is wanted
		case !m.asked:
			_ = m.process.Signal(syscall.SIGTERM)
			m.asked = true
		}
	}
}

func (t *tree) release() {
	for _, m := range t.members {
		_ = m.process.Release()
	}
}

// parentOf is false for what runs no more, also where its parent has not taken
// note of that: proc(5), /proc/pid/stat.
func parentOf(pid int) (parent int, ok bool) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 2 || fields[0] == "Z" || fields[0] == "X" {
		return 0, false
	}
	parent, err = strconv.Atoi(fields[1])
	return parent, err == nil
}

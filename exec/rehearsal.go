package exec

import (
	"fmt"
	"io"
	"time"
)

// Process is one process as the kernel would be asked to start it.
type Process struct {
	Argv    []string // the executable first
	Environ []string
	Dir     string // "" for the server's own
	Input   string // its standard input
}

// Rehearsal is a Runner that starts no process. In the kernel's place it asks
// play, which says what the process prints and how it exits; all that is done
// before and after that is done as ever, private files included. It is for tests
// that make more calls than a machine can start processes: a million, where a
// second has time for some hundreds.
func Rehearsal(play func(Process) (stdout string, code int)) *Runner {
	return &Runner{rehearse: play}
}

// play is run where nothing is started.
func (c *child) play(out *stream) error {
	c.begin = time.Now()
	text, code := c.runner.rehearse(Process{c.cmd.Args, c.cmd.Env, c.cmd.Dir, c.argv.input})
	c.played = code
	_, err := io.WriteString(c.cmd.Stdout, text)
	if out != nil {
		_ = out.far.Close() // so that the reader sees the end of it
	}
	if err == nil && code != 0 {
		err = fmt.Errorf("exit status %d", code)
	}
	return err
}

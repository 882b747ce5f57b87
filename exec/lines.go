package exec

import (
	"bufio"
	"context"
	"errors"
	"iter"
)

// maxLine is the most of one line that Lines gives; podman itself takes a
// logged line apart at 16 KiB.
const maxLine = 64 << 10

// Line is one line of output without its end.
type Line struct {
	Text []byte // valid until the next line is asked for
	Cut  int    // bytes of it beyond 64 KiB, which are dropped
}

// Lines runs argv and gives its output line by line, standard output and
// standard error in the order in which podman wrote them. Leaving the loop
// ends the process; a reader that is slow slows podman and costs no memory.
// The last pair may be an *ArgError or a *RunError with an empty Line.
func (r *Runner) Lines(ctx context.Context, argv Argv) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		release, err := r.acquire(ctx, argv, !argv.brief)
		if err != nil {
			yield(Line{}, err)
			return
		}
		defer release()
		if err := r.lines(ctx, argv, yield); err != nil {
			yield(Line{}, err)
		}
	}
}

// lines returns nil where the loop was left early.
func (r *Runner) lines(ctx context.Context, argv Argv, yield func(Line, error) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c, err := r.child(ctx, argv)
	if err != nil {
		return err
	}
	defer c.remove()
	out, err := newPipe()
	if err != nil {
		return &RunError{argv.Verb(), -1, "", err}
	}
	// One pipe for both streams: two would interleave by chance.
	c.cmd.Stdout, c.cmd.Stderr = out.far, out.far
	isolate(c.cmd, false)
	last, left := &tail{limit: maxErrors}, false
	_, err = c.follow(out, last, cancel, func() bool {
		left = !each(bufio.NewReaderSize(out, maxLine), last, yield)
		return !left
	})
	if left {
		return nil
	}
	return err
}

// each gives the lines of r to yield and to last; false where yield had enough.
func each(r *bufio.Reader, last *tail, yield func(Line, error) bool) bool {
	for {
		line, err := readLine(r)
		if len(line.Text) > 0 || err == nil {
			last.add(line.Text)
			last.add([]byte{'\n'})
			if !yield(line, nil) {
				return false
			}
		}
		if err != nil {
			return true
		}
	}
}

// readLine reads one line and drops what of it exceeds the reader's buffer.
func readLine(r *bufio.Reader) (Line, error) {
	text, err := r.ReadSlice('\n')
	line := Line{Text: text}
	if errors.Is(err, bufio.ErrBufferFull) {
		line.Text = append([]byte(nil), text...)
		for errors.Is(err, bufio.ErrBufferFull) {
			text, err = r.ReadSlice('\n')
			line.Cut += len(text)
		}
		if err == nil {
			line.Cut--
		}
		return line, err
	}
	if err == nil {
		line.Text = text[:len(text)-1]
	}
	return line, err
}

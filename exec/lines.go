package exec

import (
	"bufio"
	"context"
	"errors"
	"iter"
	"os"
	"sync/atomic"
	"time"
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
		release, err := r.acquire(ctx, argv, true)
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
	cmd, done, err := r.command(ctx, argv)
	if err != nil {
		return err
	}
	defer done()
	read, write, err := os.Pipe()
	if err != nil {
		return &RunError{argv.Verb(), -1, "", err}
	}
	defer func() { _ = read.Close() }()
	// One pipe for both streams: two would interleave by chance.
	cmd.Stdout, cmd.Stderr = write, write
	isolate(cmd, false)
	begin := time.Now()
	err = cmd.Start()
	_ = write.Close()
	if err != nil {
		return &RunError{argv.Verb(), -1, "", err}
	}
	last := &tail{limit: maxErrors}
	drain := &draining{file: read}
	ended := make(chan error, 1)
	go func() {
		_, err := r.wait(ctx, argv, cmd, begin, last)
		drain.begin()
		ended <- err
	}()

	left := false
	reader := bufio.NewReaderSize(drain, maxLine)
	for !left {
		line, readErr := readLine(reader)
		if len(line.Text) > 0 || readErr == nil {
			last.add(line.Text)
			last.add([]byte{'\n'})
			left = !yield(line, nil)
		}
		if readErr != nil {
			break
		}
	}
	if left {
		cancel()
		<-ended
		return nil
	}
	err = <-ended
	var run *RunError
	if errors.As(err, &run) {
		run.Stderr = last.String() // the reader has since read the rest
	}
	return err
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

// draining reads a pipe. Once the process has ended, it gives what is left and
// then stops, though a grandchild may still hold the other end.
type draining struct {
	file  *os.File
	ended atomic.Bool
}

func (d *draining) Read(p []byte) (int, error) {
	if d.ended.Load() {
		_ = d.file.SetReadDeadline(time.Now().Add(Grace / 4))
	}
	return d.file.Read(p)
}

func (d *draining) begin() {
	d.ended.Store(true)
	if err := d.file.SetReadDeadline(time.Now().Add(Grace / 4)); err != nil {
		// No deadlines on this system's pipes: the rest may be lost, a hang is worse.
		time.AfterFunc(Grace, func() { _ = d.file.Close() })
	}
}

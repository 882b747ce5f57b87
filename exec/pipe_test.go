//go:build unix

package exec_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"podman-mcp/exec"
)

func TestPipe(t *testing.T) {
	r, mine := standInRunner(), errors.New("my own")
	all := func(in io.Reader) error { _, err := io.Copy(io.Discard, in); return err }
	line := func(err error) func(io.Reader) error {
		return func(in io.Reader) error {
			if text, failed := bufio.NewReader(in).ReadString('\n'); text != "still here\n" {
				return errors.Join(errors.New(text), failed)
			}
			return err
		}
	}
	n := 0
	err := r.Pipe(t.Context(), steps("out-bytes=3000000", "err=a warning"), func(in io.Reader) error {
		got, err := io.Copy(io.Discard, in)
		n = int(got)
		return err
	})
	if err != nil || n != 3000000 {
		t.Errorf("%d bytes, %v", n, err)
	}
	for name, test := range map[string]struct {
		read func(io.Reader) error
		want error
	}{
		"enough":                   {line(exec.ErrEnough), nil},
		"the reader's own trouble": {line(mine), mine},
	} {
		begin := time.Now()
		if err := r.Pipe(t.Context(), steps("chatter"), test.read); !errors.Is(err, test.want) || time.Since(begin) > 5*time.Second {
			t.Errorf("%s: %v, after %s", name, err, time.Since(begin))
		}
	}
	if err := r.Pipe(t.Context(), steps("out=x"), func(in io.Reader) error { return io.ErrUnexpectedEOF }); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("too short: %v", err)
	}
	var run *exec.RunError
	short := func(in io.Reader) error { return errors.Join(all(in), io.ErrUnexpectedEOF) }
	if err := r.Pipe(t.Context(), steps("out=x", "err=Error: gone", "exit=125"), short); !errors.As(err, &run) || run.Code != 125 || run.Stderr != "Error: gone" {
		t.Errorf("podman's own: %v", err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 300*time.Millisecond, mine)
	defer cancel()
	if err := r.Pipe(ctx, steps("chatter"), all); !errors.Is(err, mine) || !errors.As(err, &run) {
		t.Errorf("late: %v", err)
	}
}

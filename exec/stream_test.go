package exec

import (
	"io"
	"testing"
	"time"
)

// What a slow reader still gets when time is up is a pipe's fill at most,
// though somebody writes for ever.
func TestTheRestIsBounded(t *testing.T) {
	out, err := newPipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for err := error(nil); err == nil; {
			_, err = out.far.Write(make([]byte, 64<<10))
		}
	}()
	out.late = true
	if n, err := io.Copy(io.Discard, out); n == 0 || n > maxPipe || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	_, _ = out.near.Close(), out.far.Close()
}

// Nor can one who says little make it last.
func TestTheLastLookIsShort(t *testing.T) {
	out, err := newPipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		tick := time.NewTicker(maxLook / 10)
		defer tick.Stop()
		for range tick.C {
			if _, err := out.far.Write([]byte{'\n'}); err != nil {
				return
			}
		}
	}()
	out.late = true
	begin := time.Now()
	_, _ = io.Copy(io.Discard, out)
	if took := time.Since(begin); took > 5*maxLook {
		t.Errorf("took %v", took)
	}
	_, _ = out.near.Close(), out.far.Close()
}

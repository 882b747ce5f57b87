package exec

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

const (
	maxPipe = 1 << 20                // the most that a pipe holds, which is 64 KiB as a rule
	maxLook = 100 * time.Millisecond // for what lies in it already: it comes at once
)

// stream is output that is read while its process runs, by one goroutine: a
// pipe or a terminal. A grandchild may hold its far end for ever; end bounds
// that.
type stream struct {
	near, far *os.File
	over      chan struct{} // closed when nobody reads any more

	once  sync.Once
	until time.Time
	late  bool          // until has passed
	rest  int           // bytes that are read even so
	look  time.Duration // all that may be waited for them
}

func newStream(near, far *os.File) *stream {
	return &stream{near: near, far: far, over: make(chan struct{}), rest: maxPipe, look: maxLook}
}

func newPipe() (*stream, error) {
	near, far, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return newStream(near, far), nil
}

// end gives whoever holds the far end Grace from now, and returns the time.
// Only the first call counts.
func (s *stream) end() time.Time {
	s.once.Do(func() {
		s.until = time.Now().Add(Grace)
		if s.near.SetReadDeadline(s.until) != nil {
			// A system whose pipes have no deadlines. What a slow reader has
			// not read by then is lost; a hang would be worse.
			time.AfterFunc(Grace, func() { _ = s.near.Close() })
		}
	})
	return s.until
}

// Read reads until the far end is closed, or until end's time is over. What
// was written by then a slow reader still gets, however late it comes for it.
func (s *stream) Read(p []byte) (int, error) {
	if !s.late {
		n, err := s.near.Read(p)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		s.late = true
	}
	if p = p[:min(len(p), s.rest)]; len(p) == 0 || s.look <= 0 {
		return 0, io.EOF
	}
	begin := time.Now()
	if err := s.near.SetReadDeadline(begin.Add(s.look)); err != nil {
		return 0, err
	}
	n, err := s.near.Read(p)
	s.rest, s.look = s.rest-n, s.look-time.Since(begin)
	return n, err
}

// follow runs c while read reads out, on the caller's goroutine: a panic there
// is then the caller's. read returns false where it left early, and this ends
// the process. last is the output that an error shows.
func (c *child) follow(out *stream, last *tail, cancel context.CancelFunc, read func() bool) (int, error) {
	ended := make(chan error, 1)
	go func() { ended <- c.run(out) }()
	whole := false
	end := sync.OnceValues(func() (int, error) {
		if !whole {
			cancel()
			_, _ = io.Copy(io.Discard, out) // lest it blocks instead of ending
		}
		close(out.over)
		err := <-ended
		_ = out.near.Close()
		return c.outcome(err, last.String())
	})
	defer func() { _, _ = end() }() // where read panics
	whole = read()
	return end()
}

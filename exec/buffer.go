package exec

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// head keeps the first limit bytes and calls full for each piece beyond them.
type head struct {
	buf   bytes.Buffer
	limit int
	full  func()
	over  bool // there was more
}

func (h *head) Write(p []byte) (int, error) {
	if room := h.limit - h.buf.Len(); len(p) > room {
		h.buf.Write(p[:room])
		h.over = true
		h.full()
		return len(p), nil
	}
	return h.buf.Write(p)
}

// piece is how much is read at once, at least. Without ReadFrom, io.Copy makes
// 32 KiB for each output of each command, and most have no second line.
const piece = 4 << 10

// ReadFrom is Write for all that r gives, which is read to where it stays. For
// what does not stay no room is made: that would move all that does.
func (h *head) ReadFrom(r io.Reader) (read int64, err error) {
	var beyond []byte
	for {
		free := beyond
		switch {
		case h.buf.Len() < h.limit:
			h.buf.Grow(piece)
			free = h.buf.AvailableBuffer()
		case beyond == nil:
			beyond = make([]byte, 0, piece)
			free = beyond
		}
		n, err := r.Read(free[:cap(free)])
		_, _ = h.Write(free[:n]) // never fails
		read += int64(n)
		if err != nil {
			return read, unlessEnd(err)
		}
	}
}

func unlessEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// tail keeps the last limit bytes.
type tail struct {
	buf   []byte
	limit int
}

func (t *tail) Write(p []byte) (int, error) {
	t.add(p)
	return len(p), nil
}

// ReadFrom is Write for all that r gives.
func (t *tail) ReadFrom(r io.Reader) (read int64, err error) {
	p := make([]byte, piece)
	for {
		n, err := r.Read(p)
		t.add(p[:n])
		read += int64(n)
		if err != nil {
			return read, unlessEnd(err)
		}
	}
}

// add lets buf grow to twice its limit before it moves the newest half down,
// so that a byte is moved once at most, however short the pieces are.
func (t *tail) add(p []byte) {
	if len(p) > t.limit {
		p = p[len(p)-t.limit:]
	}
	if len(t.buf)+len(p) > 2*t.limit {
		t.buf = append(t.buf[:0], t.buf[max(0, len(t.buf)-t.limit):]...)
	}
	t.buf = append(t.buf, p...)
}

func (t *tail) String() string { return string(t.buf[max(0, len(t.buf)-t.limit):]) }

// result is what a command left behind whose standard output went to h. One
// that ended by itself just when h was full has not succeeded either.
func (h *head) result(c *child, stderr *tail, code int, err error) (Result, error) {
	if h.over && err == nil {
		err = &RunError{c.argv.Verb(), code, stderr.String(), ErrOutputTooLong}
	}
	return Result{slices.Clip(h.buf.Bytes()), stderr.String(), code}, err
}

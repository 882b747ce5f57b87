package exec

import (
	"bytes"
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

// tail keeps the last limit bytes.
type tail struct {
	buf   []byte
	limit int
}

func (t *tail) Write(p []byte) (int, error) {
	t.add(p)
	return len(p), nil
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

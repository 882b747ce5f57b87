package exec

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// What is read from a pipe is kept as what is written would be, whatever the pieces are.
func TestBuffersRead(t *testing.T) {
	gone := errors.New("the pipe broke")
	text := strings.Repeat("0123456789", 5000)
	for name, from := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "halves": iotest.HalfReader,
		"with its end": iotest.DataErrReader,
		"broken":       func(r io.Reader) io.Reader { return io.MultiReader(r, iotest.ErrReader(gone)) },
	} {
		var want error
		if name == "broken" {
			want = gone
		}
		for _, limit := range []int{0, 1, piece, len(text) - 1, len(text), 2 * len(text)} {
			called := false
			h := &head{limit: limit, full: func() { called = true }}
			n, err := h.ReadFrom(from(strings.NewReader(text)))
			if n != int64(len(text)) || !errors.Is(err, want) {
				t.Errorf("%s, %d: head read %d, %v", name, limit, n, err)
			}
			if !bytes.Equal(h.buf.Bytes(), []byte(text[:min(limit, len(text))])) || h.over != (limit < len(text)) || called != h.over {
				t.Errorf("%s, %d: head kept %d bytes, over %v, called %v", name, limit, h.buf.Len(), h.over, called)
			}
			last := &tail{limit: limit}
			n, err = last.ReadFrom(from(strings.NewReader(text)))
			if n != int64(len(text)) || !errors.Is(err, want) {
				t.Errorf("%s, %d: tail read %d, %v", name, limit, n, err)
			}
			if last.String() != text[len(text)-min(limit, len(text)):] {
				t.Errorf("%s, %d: tail kept %d bytes", name, limit, len(last.String()))
			}
		}
	}
}

package tools

import (
	"bytes"
	"context"
	"sync"
)

const (
	chunkBytes   = 64 << 10
	historyBytes = 640 << 10 // for who joins late: 256 KiB of text in 10,000 lines, with their times
	maxBehind    = 1 << 20   // bytes that a reader may be behind before it misses lines
)

// broadcast is text that one goroutine writes and any number of readers read,
// each at its own pace, out of the same memory. The fastest reader sets the
// writer's pace; who falls more than maxBehind behind it misses lines and is
// told how many.
type broadcast struct {
	mu      sync.Mutex
	moved   sync.Cond // with mu; somebody who waits may go on
	waiting int       // how many wait

	chunks  []*chunk // the newest text, the oldest first
	readers map[*reader]struct{}
	err     error // why nothing more comes; nil while it may
}

// chunk is a piece of whole lines. It never outgrows its capacity, so that what
// was handed out of it stays as it is.
type chunk struct {
	at, line int64 // the number of its first byte and of its first line
	lines    int64
	data     []byte
}

func (c *chunk) end() int64 { return c.at + int64(len(c.data)) }

func newBroadcast() *broadcast {
	b := &broadcast{readers: map[*reader]struct{}{}}
	b.moved.L = &b.mu
	return b
}

// write adds a line, given without its end. It waits while every reader is far
// behind, and gives false when nobody reads any more.
func (b *broadcast) write(line []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	var last *chunk
	if len(b.chunks) > 0 {
		last = b.chunks[len(b.chunks)-1]
	}
	if last == nil || cap(last.data)-len(last.data) < len(line)+1 {
		for b.err == nil && b.allBehind() {
			b.wait()
		}
		next := &chunk{data: make([]byte, 0, max(chunkBytes, len(line)+1))}
		if last != nil {
			next.at, next.line = last.end(), last.line+last.lines
		}
		b.forget()
		b.chunks = append(b.chunks, next)
		last = next
	}
	last.data = append(append(last.data, line...), '\n')
	last.lines++
	b.wake()
	return len(b.readers) > 0
}

// close says that nothing more comes, and why.
func (b *broadcast) close(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
	b.wake()
}

func (b *broadcast) wait() {
	b.waiting++
	b.moved.Wait()
	b.waiting--
}

func (b *broadcast) wake() {
	if b.waiting > 0 {
		b.moved.Broadcast()
	}
}

// head is the number of the next byte.
func (b *broadcast) head() int64 {
	if len(b.chunks) == 0 {
		return 0
	}
	return b.chunks[len(b.chunks)-1].end()
}

// allBehind tells whether there are readers and none could take more.
func (b *broadcast) allBehind() bool {
	for r := range b.readers {
		if b.head()-r.at <= maxBehind {
			return false
		}
	}
	return len(b.readers) > 0
}

// forget drops chunks that are no history any more, once everybody has read
// them or is too far behind.
func (b *broadcast) forget() {
	slowest := b.head()
	for r := range b.readers {
		slowest = min(slowest, r.at)
	}
	for len(b.chunks) > 0 {
		newer := b.head() - b.chunks[0].end()
		if newer < historyBytes || newer < maxBehind && slowest < b.chunks[0].end() {
			return
		}
		b.chunks[0] = nil
		b.chunks = b.chunks[1:]
	}
}

// reader is one reader's place. Its methods are for one goroutine.
type reader struct {
	b         *broadcast
	ctx       context.Context
	at, line  int64 // the next byte and line
	forgotten bool  // there was text before its first line
	unwatch   func() bool
}

// join adds a reader that begins with what is kept of the past.
func (b *broadcast) join(ctx context.Context) *reader {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := &reader{b: b, ctx: ctx}
	for _, c := range b.chunks {
		if b.head()-c.at <= historyBytes+chunkBytes {
			r.at, r.line = c.at, c.line
			break
		}
	}
	r.forgotten = r.at > 0
	b.readers[r] = struct{}{}
	r.unwatch = context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.wake()
	})
	b.wake()
	return r
}

// leave ends r and tells whether it was the last one.
func (r *reader) leave() bool {
	r.unwatch()
	r.b.mu.Lock()
	defer r.b.mu.Unlock()
	delete(r.b.readers, r)
	r.b.wake()
	return len(r.b.readers) == 0
}

// next waits for whole lines, up to a chunk of them, and gives how many were
// missed before them. The text must not be written to. The error is that of
// close, after all text, or the cause of the reader's context.
func (r *reader) next() (text []byte, missed int64, err error) {
	b := r.b
	b.mu.Lock()
	defer b.mu.Unlock()
	for r.at == b.head() && b.err == nil && r.ctx.Err() == nil {
		b.wait()
	}
	switch {
	case r.ctx.Err() != nil:
		return nil, 0, context.Cause(r.ctx)
	case r.at == b.head():
		return nil, 0, b.err
	}
	if oldest := b.chunks[0]; r.at < oldest.at {
		missed = oldest.line - r.line
		r.at, r.line = oldest.at, oldest.line
	}
	for _, c := range b.chunks {
		if r.at < c.end() {
			text = c.data[r.at-c.at : len(c.data) : len(c.data)]
			break
		}
	}
	r.at += int64(len(text))
	r.line += int64(bytes.Count(text, []byte{'\n'}))
	b.wake()
	return text, missed, nil
}

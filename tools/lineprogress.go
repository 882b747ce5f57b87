package tools

import (
	"context"
	"sync"
	"time"
)

const (
	// progressBytes is what makes a message full, with its last line of at most
	// 64 KiB. Cleaned text at most doubles in JSON, and clients take 1 MiB.
	progressBytes = 192 << 10
	progressEvery = 50 * time.Millisecond // between two messages
)

// lineProgress hands lines on as progress: the first at once, and what follows
// within 50 ms goes together, so that a flood becomes a few large messages. A
// client that is slow to read slows the command and costs no memory.
type lineProgress struct {
	ctx  context.Context
	send func(ctx context.Context, message string, done, total float64)

	mu    sync.Mutex
	batch []byte
	lines int
	last  time.Time
	timer *time.Timer
}

func newLineProgress(ctx context.Context, c *Call) *lineProgress {
	return &lineProgress{ctx: context.WithoutCancel(ctx), send: c.Progress}
}

func (p *lineProgress) line(text string) { p.bytes([]byte(text)) }

// bytes is line without a copy.
func (p *lineProgress) bytes(text []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines++
	if len(p.batch) > 0 {
		p.batch = append(p.batch, '\n')
	}
	p.batch = append(p.batch, text...)
	wait := progressEvery - time.Since(p.last)
	switch {
	case wait <= 0 || len(p.batch) >= progressBytes:
		p.flush()
	case p.timer == nil:
		p.timer = time.AfterFunc(wait, p.end)
	}
}

// end sends what is left.
func (p *lineProgress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flush()
}

func (p *lineProgress) flush() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if len(p.batch) == 0 {
		return
	}
	p.send(p.ctx, string(p.batch), float64(p.lines), 0)
	p.batch, p.last = p.batch[:0], time.Now()
}

package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

// piece is what came of one member's log.
type piece struct {
	from   *member
	text   []byte // whole lines, behind podman's time
	missed int64  // lines before them
	err    error  // it is over
}

// followMembers tells the newest lines of the past, and from then on each new
// line of any member as it comes, until all have ended or the time is over.
func (c *Call) followMembers(ctx context.Context, in ComposeLogsParams, grep *regexp.Regexp, members []*member) (newest *ring, whole bool, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, in.Duration.Value(), errEnough)
	defer cancel()
	progress := newLineProgress(ctx, c)
	defer progress.end() // before the result
	if newest, whole, err = c.pastAndLast(ctx, in, grep, members); err != nil {
		return nil, false, err
	}
	if text, lines := newest.text(); lines > 0 {
		for line := range strings.SplitSeq(text, "\n") {
			progress.line(line)
		}
	}
	var readers sync.WaitGroup
	var followers []*follower
	defer func() {
		cancel()
		readers.Wait()
		for _, f := range followers {
			f.leave()
		}
	}()
	pieces, open := make(chan piece), 0
	for _, m := range members {
		if !m.running {
			continue
		}
		f, err := c.follow(ctx, m.id)
		if err != nil {
			return nil, false, err
		}
		followers = append(followers, f)
		open++
		readers.Go(func() { f.hand(ctx, m, pieces) })
	}
	for open > 0 {
		var p piece
		select {
		case <-ctx.Done():
			p.err = context.Cause(ctx)
		case p = <-pieces:
		}
		switch {
		case errors.Is(p.err, errEnough):
			return newest, whole, nil
		case errors.Is(p.err, io.EOF):
			open--
		case p.err != nil:
			return nil, false, p.err
		}
		p.take(newest, progress, grep)
	}
	return newest, whole, nil
}

// pastAndLast is past, but of a log without a line since then it finds the last
// one before, to know from where to follow.
func (c *Call) pastAndLast(ctx context.Context, in ComposeLogsParams, grep *regexp.Regexp, members []*member) (newest *ring, whole bool, err error) {
	for _, m := range members {
		if in.Since == "" || !m.running {
			continue // without since it is past's last line, or none that matches
		}
		log, _, err := c.logOf(ctx, m, PodLogsParams{Tail: 1, MaxBytes: in.MaxBytes}, nil)
		if err != nil {
			return nil, false, err
		}
		m.from(log)
	}
	return c.past(ctx, in, grep, members)
}

// from notes the last line that was read of the past.
func (m *member) from(log *memberLog) {
	kept := log.lines[log.first:]
	if len(kept) == 0 {
		return
	}
	times := log.times[len(log.times)-len(kept):]
	m.last, m.line, m.same = times[len(kept)-1], kept[len(kept)-1], 0
	for i, line := range kept {
		if line == m.line && times[i].Equal(m.last) {
			m.same++
		}
	}
}

// hand hands on what comes of one log, until it is over or ctx is done.
func (f *follower) hand(ctx context.Context, m *member, pieces chan<- piece) {
	for {
		p := piece{from: m}
		p.text, p.missed, p.err = f.next()
		select {
		case pieces <- p:
		case <-ctx.Done():
			return
		}
		if p.err != nil {
			return
		}
	}
}

// take tells the lines of a piece that are new and match.
func (p piece) take(newest *ring, progress *lineProgress, grep *regexp.Regexp) {
	tell := func(line string) {
		line = p.from.name + separator + " " + line
		newest.add(line)
		progress.line(line)
	}
	if p.missed > 0 {
		tell(fmt.Sprintf("[… %d lines skipped: they come faster than this client reads]", p.missed))
	}
	for line := range bytes.Lines(p.text) {
		line = line[:len(line)-1]
		body := line[stamp(line):]
		if !p.from.old(line) && (grep == nil || grep.Match(body)) {
			tell(string(body))
		}
	}
}

// old tells of a line that was read with the past: a follower begins with the
// log's first line. From the first new one on all are new.
func (m *member) old(line []byte) bool {
	if m.live {
		return false
	}
	when, ok := stamped(line)
	switch {
	case !ok || when.After(m.last):
		m.live = true
		return false
	case when.Equal(m.last) && string(line[stamp(line):]) == m.line:
		m.same--
		m.live = m.same == 0
	}
	return true
}

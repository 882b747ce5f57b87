package parse

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// PullProgress follows what podman pull writes to its terminal. The zero value is ready; it is not safe for use
// by several goroutines.
//
// On a terminal podman redraws a bar for each layer every 150 ms, "Copying blob 5a5023d3c5ea [==>---] 4.4MiB /
// 57.2MiB", so byte counts have one decimal only. Without one, and always with a remote client, it names each
// layer once: then only layers are known.
type PullProgress struct {
	blobs       map[string]*blob
	rest        []byte // the begin of a line that has not ended
	done, total int64
	finished    int
	phase       string // what podman does before the first layer and after the last
}

type blob struct {
	done, total int64
	finished    bool
}

const (
	maxLine  = 4096 // bytes
	maxBlobs = 1024 // an image has at most 127 layers
)

// Feed takes the next bytes of the terminal, cut anywhere. It tells whether Done, Total, Layers or Message
// changed.
func (p *PullProgress) Feed(chunk []byte) (changed bool) {
	for {
		line, rest, ended := bytes.Cut(chunk, []byte("\n"))
		if len(p.rest)+len(line) <= maxLine {
			p.rest = append(p.rest, line...)
		}
		if !ended {
			return changed
		}
		if p.Line(string(p.rest)) {
			changed = true
		}
		p.rest, chunk = p.rest[:0], rest
	}
}

var transferred = Lazily(`([0-9.]+) ?([KMGT]?i?[bB]) / ([0-9.]+) ?([KMGT]?i?[bB])`)

// Line takes one line without its end, escape sequences and all.
func (p *PullProgress) Line(line string) (changed bool) {
	line = strings.TrimRight(line, "\r")
	line = strings.TrimSpace(Clean(line[strings.LastIndexByte(line, '\r')+1:]))
	if rest, ok := strings.CutPrefix(line, "Copying blob "); ok {
		return p.blob(rest)
	}
	switch {
	case strings.HasPrefix(line, "Trying to pull "):
		return p.enter("trying " + strings.TrimSuffix(strings.TrimPrefix(line, "Trying to pull "), "..."))
	case strings.HasPrefix(line, "Getting image source"):
		return p.enter("reading the manifest")
	case strings.HasPrefix(line, "Copying config "), strings.HasPrefix(line, "Writing manifest"):
		for _, b := range p.blobs { // podman copies the config after the last layer
			b.finish()
		}
		p.enter("writing the image")
		return p.sum()
	}
	return false
}

func (p *PullProgress) enter(phase string) (changed bool) {
	changed = p.phase != phase
	p.phase = cutBytes(Mask(phase), maxMessage)
	return changed
}

// blob takes what follows "Copying blob ": an id, of 12 or 64 digits, and how far it is.
func (p *PullProgress) blob(text string) (changed bool) {
	id, state, _ := strings.Cut(text, " ")
	id = short(id)
	b := p.blobs[id]
	if b == nil {
		if id == "" || len(p.blobs) == maxBlobs {
			return false
		}
		if p.blobs == nil {
			p.blobs = make(map[string]*blob)
		}
		b = new(blob)
		p.blobs[id] = b
		changed = true
	}
	state = strings.TrimSpace(state)
	if strings.HasPrefix(state, "done") || strings.HasPrefix(state, "skipped:") {
		b.finish()
	} else if m := transferred().FindStringSubmatch(state); m != nil && !b.finished {
		b.total = max(b.total, size(m[3], m[4]))
		b.done = max(b.done, min(size(m[1], m[2]), b.total))
	}
	return p.sum() || changed
}

func (b *blob) finish() { b.finished, b.done = true, b.total }

func (p *PullProgress) sum() (changed bool) {
	var done, total int64
	finished := 0
	for _, b := range p.blobs {
		done += b.done
		total += b.total
		if b.finished {
			finished++
		}
	}
	changed = done != p.done || total != p.total || finished != p.finished
	p.done, p.total, p.finished = done, total, finished
	return changed
}

// maxSize bounds one layer, so that no sum of layers overflows.
const maxSize = 1 << 50

// size reads "57.2" and "MiB".
func size(number, unit string) int64 {
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n < 0 {
		return 0
	}
	base := 1000.0
	if strings.Contains(unit, "i") {
		base = 1024
	}
	for range strings.IndexByte("KMGT", unit[0]) + 1 {
		n *= base
	}
	return int64(min(n, maxSize))
}

// Done is how many bytes were fetched, of the layers that tell. It never falls, and is at most Total.
func (p *PullProgress) Done() int64 { return p.done }

// Total is how many bytes the layers seen so far have, 0 while unknown. It grows while layers appear.
func (p *PullProgress) Total() int64 { return p.total }

// Layers gives how many layers are finished, or were here already, and how many are known.
func (p *PullProgress) Layers() (finished, known int) { return p.finished, len(p.blobs) }

// Message says it in words: "3 of 5 layers, 24.1 MiB of 95.3 MiB".
func (p *PullProgress) Message() string {
	finished, known := p.Layers()
	switch {
	case known == 0 || finished == known && p.phase == "writing the image":
		return p.phase
	case p.total == 0 && finished == 0:
		return fmt.Sprintf("copying layers, %d so far", known)
	case p.total == 0:
		return fmt.Sprintf("%d of %d layers", finished, known)
	}
	return fmt.Sprintf("%d of %d layers, %s of %s", finished, known, byteText(p.done), byteText(p.total))
}

// byteText writes a size as podman does, in powers of 1024.
func byteText(n int64) string {
	const units = "KMGT"
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	f, i := float64(n)/1024, 0
	for f >= 1024 && i < len(units)-1 {
		f, i = f/1024, i+1
	}
	return fmt.Sprintf("%.1f %ciB", f, units[i])
}

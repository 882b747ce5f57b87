package main

import (
	"bytes"
	"fmt"
	"os"
)

const (
	beginMark = "<!-- bench:begin; scripts/bench -write writes this part -->\n"
	endMark   = "<!-- bench:end -->\n"
)

// write puts the table between the marks of a file.
func (r *report) write(path string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(old, []byte(beginMark))
	_, after, ended := bytes.Cut(rest, []byte(endMark))
	if !ok || !ended {
		return fmt.Errorf("%s must have the lines %q and %q", path, beginMark, endMark)
	}
	met := 0
	for _, g := range r.goals.list() {
		if g.state == reached {
			met++
		}
	}
	text := fmt.Sprintf("podman %s and %s %s on %s, medians of %d rounds, by `%s`: %d of %d goals met.\n\n%s",
		r.podman, rival, r.other, r.date, r.pairs, r.command, met, len(r.goals.list()), r.table())
	return os.WriteFile(path, bytes.Join([][]byte{before, []byte(beginMark + text + endMark), after}, nil), 0o644)
}

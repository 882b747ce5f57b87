package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"strings"
	"sync"
	"time"
)

// crowd asks the same many times at once, with 50 containers.
func (b *bench) crowd() error {
	if err := b.containers(50); err != nil {
		return err
	}
	w, err := b.witnesses()
	if err != nil {
		return err
	}
	if err := errors.Join(b.crowds(w), w.end()); err != nil {
		return err
	}
	return b.processes()
}

func (b *bench) crowds(w witnesses) error {
	all := map[string]any{"all": true}
	ours := func(int) contender { return w.fresh.calls(b.ctx, "podman_ps", all) }
	kept := func(int) contender { return w.kept.calls(b.ctx, "podman_ps", all) }
	cli := func(int) contender { return w.cli.calls(b.ctx, "container_list", nil) }
	rest := func(int) contender { return w.rest.calls(b.ctx, "container_list", nil) }
	raw := func(int) contender { return b.raw("ps", "--all", "--pod", "--format=json") }
	different := func(i int) contender {
		return w.fresh.calls(b.ctx, "podman_ps", map[string]any{"all": true, "filters": map[string]any{"name": fmt.Sprint("bench-", i)}})
	}
	times, err := turns(b.few(7, 3),
		atOnce(1, ours), atOnce(20, ours), atOnce(200, ours), atOnce(20, different),
		atOnce(1, kept), atOnce(20, kept), atOnce(200, kept),
		atOnce(1, raw), atOnce(20, raw), atOnce(1, cli), atOnce(20, cli), atOnce(1, rest), atOnce(20, rest))
	if err != nil {
		return err
	}
	factor := paired(times[1], times[0], ratio)
	b.report.add(row{what: "podman_ps, once, 50 containers", ours: ms(times[0]), unchanged: ms(times[4]), raw: ms(times[7]), cli: ms(times[9]), rest: ms(times[11])})
	b.report.add(row{what: "podman_ps, 20 at once, 50 containers", ours: ms(times[1]), unchanged: ms(times[5]), raw: ms(times[8]), cli: ms(times[10]), rest: ms(times[12]),
		ratio: fmt.Sprintf("%.2f of one", factor), goal: b.report.goals.set(goalCrowd, factor <= 2.2, fmt.Sprintf("%.2f", factor)), readme: true})
	b.report.add(row{what: "podman_ps, 200 at once, 50 containers", ours: ms(times[2]), unchanged: ms(times[6]),
		ratio: fmt.Sprintf("%.2f of one", paired(times[2], times[0], ratio))})
	b.report.add(row{what: "20 different podman_ps at once", ours: ms(times[3]), ratio: fmt.Sprintf("%.2f of one", paired(times[3], times[0], ratio))})
	return nil
}

// atOnce has n do the same at once, and takes as long as the last of them.
func atOnce(n int, each func(int) contender) contender {
	if each(0) == nil {
		return nil
	}
	return func() (float64, error) {
		failed := make(chan error, n)
		var all sync.WaitGroup
		begin := time.Now()
		for i := range n {
			all.Go(func() {
				if _, err := each(i)(); err != nil {
					failed <- err
				}
			})
		}
		all.Wait()
		took := since(begin)
		close(failed)
		return took, <-failed
	}
}

// processes counts the podman processes that 20 identical reads take.
func (b *bench) processes() error {
	folder := b.file("wrapper")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	podman, err := osexec.LookPath("podman")
	if err != nil {
		return err
	}
	wrapper, marks := folder+"/podman", b.file("marks")
	script := fmt.Sprintf("#!/bin/sh\necho >>'%s'\nexec '%s' \"$@\"\n", marks, podman)
	if err := os.WriteFile(wrapper, []byte(script), 0o700); err != nil {
		return err
	}
	ours, err := b.ours(nil, append(b.fresh(), "--podman="+wrapper)...)
	if err != nil {
		return err
	}
	cli, err := b.rivals.cli(b, "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	if err != nil {
		return errors.Join(err, ours.close())
	}
	line := row{what: "podman processes of 20 identical reads", readme: true}
	n, err := b.counted(marks, ours, "podman_ps", map[string]any{"all": true})
	line.ours = fmt.Sprint(n)
	if cli != nil && err == nil {
		var theirs int
		theirs, err = b.counted(marks, cli, "container_list", nil)
		line.cli = fmt.Sprint(theirs)
	}
	if err = errors.Join(err, ours.close(), cli.close()); err != nil {
		return err
	}
	line.goal = b.report.goals.set(goalProcesses, n <= 2, fmt.Sprint(n))
	b.report.add(line)
	return nil
}

// counted makes 20 calls at once and counts the lines that the wrapper wrote.
func (b *bench) counted(marks string, c *client, tool string, args map[string]any) (int, error) {
	// What a server asks of podman by itself when it begins is not meant.
	if _, err := c.call(b.ctx, tool, args); err != nil {
		return 0, err
	}
	if err := quiet(b.ctx, marks); err != nil {
		return 0, err
	}
	if err := os.Truncate(marks, 0); err != nil {
		return 0, err
	}
	if _, err := atOnce(20, func(int) contender { return c.calls(b.ctx, tool, args) })(); err != nil {
		return 0, err
	}
	text, err := os.ReadFile(marks)
	return strings.Count(string(text), "\n"), err
}

// quiet waits until a file has not grown for half a second.
func quiet(ctx context.Context, path string) error {
	for size, still := int64(-1), 0; still < 5; {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if still++; info.Size() != size {
			size, still = info.Size(), 0
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

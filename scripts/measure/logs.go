package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"strings"
	"time"
)

const (
	someLog = 128 << 20 // bytes that are timed
	longLog = 1 << 30   // bytes that memory is looked at with
	readLog = 4 << 20   // bytes that the other server can return whole
)

// logs measures how fast a log is followed: by a server to its client, who gets
// every line, and by raw podman to a pipe. The container has printed all of it
// and still runs, for podman 4.3 leaves the log of one that ends before its end.
func (b *bench) logs() error {
	some, long := int64(b.few(someLog, someLog/8)), int64(b.few(longLog, longLog/8))
	if err := b.printed("bench-log", some); err != nil {
		return err
	}
	var peak float64
	times, err := turns(b.few(3, 1),
		func() (took float64, err error) { took, peak, err = b.follow("bench-log"); return took, err },
		func() (float64, error) { return b.pipe(some, "logs", "--follow", "--", "bench-log") },
		func() (float64, error) { return b.pipe(some, "logs", "--", "bench-log") })
	if err != nil {
		return err
	}
	half := paired(times[1], times[0], ratio)
	b.report.add(row{what: fmt.Sprintf("log followed, %d MiB, against podman logs -f", some>>20), ours: pace(some, times[0]), raw: pace(some, times[1]),
		ratio: fmt.Sprintf("%.2f of its pace", half), goal: b.report.goals.set(goalLog, half >= 0.5, fmt.Sprintf("%.2f", half)), readme: true})
	b.report.add(row{what: "the same against podman logs, all at once", ours: pace(some, times[0]), raw: pace(some, times[2]),
		ratio: fmt.Sprintf("%.2f of its pace", paired(times[2], times[0], ratio))})
	if err := b.longLog(long, peak); err != nil {
		return err
	}
	return b.wholeLog()
}

// longLog looks at the memory after a log that is much longer.
func (b *bench) longLog(bytes int64, before float64) error {
	if err := b.printed("bench-log-long", bytes); err != nil {
		return err
	}
	took, peak, err := b.follow("bench-log-long")
	if err != nil {
		return err
	}
	line := row{what: fmt.Sprintf("most memory while %d MiB were followed", bytes>>20), ours: held([]float64{peak}), readme: true}
	if peak == 0 {
		b.report.goals.cannot(goalFlat, "this system does not tell")
	} else {
		line.ratio = pace(bytes, []float64{took})
		line.goal = b.report.goals.set(goalFlat, peak <= 1.25*before, fmt.Sprintf("%s, and %s before", megabytes(peak), megabytes(before)))
	}
	b.report.add(line)
	_, err = b.podman("rm", "--force", "--time=0", "--", "bench-log-long")
	return err
}

// printed runs a container that prints so many bytes and then stays, and waits
// until its log holds them all. Podman itself stumbles over a log that is being
// written, where a line is not whole.
func (b *bench) printed(name string, bytes int64) error {
	_, err := b.podman("run", "--detach", "--name", name, "--label", label, "--network=none", "--log-driver=k8s-file", image, "yes", "-bytes", fmt.Sprint(bytes), "-stay")
	if err != nil {
		return err
	}
	path, err := b.podman("container", "inspect", "--format", "{{.HostConfig.LogConfig.Path}}", "--", name)
	if err != nil {
		return err
	}
	for b.ctx.Err() == nil {
		if whole, err := endsWith(strings.TrimSpace(path), "end\n"); whole || err != nil {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
	return b.ctx.Err()
}

func endsWith(path, end string) (bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }() // which was only read
	info, err := file.Stat()
	if err != nil || info.Size() < int64(len(end)) {
		return false, err
	}
	last := make([]byte, len(end))
	_, err = file.ReadAt(last, info.Size()-int64(len(end)))
	return string(last) == end, err
}

// pipe reads what a podman command prints until all the container's bytes were
// there.
func (b *bench) pipe(size int64, args ...string) (took float64, err error) {
	command := osexec.CommandContext(b.ctx, "podman", args...)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	if err := command.Start(); err != nil {
		return 0, err
	}
	if _, err = io.CopyN(io.Discard, out, size); err != nil {
		err = fmt.Errorf("podman %s ended before the log did: %w", strings.Join(args, " "), err)
	}
	took = since(begin)
	_ = command.Process.Kill() // one that follows would stay
	_ = command.Wait()         // it was killed
	return took, err
}

// follow follows a log to the line "end" with a server of its own, and looks at
// the most memory that the server had.
func (b *bench) follow(name string) (took, peak float64, err error) {
	ended := make(chan time.Time, 1)
	c, err := b.ours(func(line []byte, at time.Time) {
		tail := line[max(0, len(line)-300):] // behind the message come only short fields
		if bytes.Contains(tail, []byte(`\nend"`)) || bytes.Contains(line, []byte(`"message":"end"`)) {
			select {
			case ended <- at:
			default:
			}
		}
	})
	if err != nil {
		return 0, 0, err
	}
	params := map[string]any{"name": "podman_logs", "_meta": map[string]any{"progressToken": 1},
		"arguments": map[string]any{"container": name, "follow": true, "duration": "10m"}}
	request, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1000, "method": "tools/call", "params": params})
	begin := time.Now()
	if err == nil {
		err = c.write(request)
	}
	if err != nil {
		return 0, 0, errors.Join(err, c.close())
	}
	select {
	case at := <-ended:
		took = between(begin, at)
	case <-time.After(9 * time.Minute):
		err = errors.New("the log's end did not come within 9 minutes")
	case <-b.ctx.Done():
		err = b.ctx.Err()
	}
	peak = memory(c.pid, "VmHWM")
	return took, peak, errors.Join(err, c.close())
}

// pace is in megabytes of what the container printed.
func pace(bytes int64, times []float64) string {
	return number(float64(bytes)/1e6/(median(times)/1e3)) + " MB/s"
}

// wholeLog looks at what the servers have after they have read a log; the other
// one returns it whole.
func (b *bench) wholeLog() error {
	const name = "bench-log-read"
	if err := b.printed(name, readLog); err != nil {
		return err
	}
	cli, rest, end, err := b.rivals.both(b)
	if err != nil {
		return err
	}
	ours, err := b.ours(nil)
	if err != nil {
		return errors.Join(err, end())
	}
	theirs := func(c *client) string {
		if c == nil {
			return ""
		}
		if _, err := c.call(b.ctx, "container_logs", map[string]any{"name": name}); err != nil {
			return "fails" // on a slow machine its own deadline is over
		}
		return held([]float64{memory(c.pid, "VmRSS")})
	}
	_, err = ours.call(b.ctx, "podman_logs", map[string]any{"container": name})
	line := row{what: "resident after a log of 4 MiB was read", ours: held([]float64{memory(ours.pid, "VmRSS")}), cli: theirs(cli), rest: theirs(rest), readme: true}
	if err = errors.Join(err, b.ctx.Err(), ours.close(), end()); err != nil {
		return err
	}
	b.report.add(line)
	_, err = b.podman("rm", "--force", "--time=0", "--", name, "bench-log")
	return err
}

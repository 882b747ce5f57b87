package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	osexec "os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

// watchers measures what a server has with 500 clients that watch the
// containers, and how soon they hear that one was started.
func (b *bench) watchers() error {
	if _, err := b.podman("create", "--name", "bench-watched", "--label", label, "--network=none", image, "sleep"); err != nil {
		return err
	}
	n := b.few(500, 50)
	url, options, pid, stop, err := b.network()
	if err != nil {
		return err
	}
	watching := make([]*watcher, n)
	before, after := 0.0, 0.0
	for i := range watching {
		if watching[i], err = b.watch(url, options); err != nil {
			break
		}
		if i == 0 {
			before = memory(pid, "VmRSS")
			err = b.heard("a container's start, told to 1 watcher", watching[:1])
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		after = memory(pid, "VmRSS")
		line := row{what: fmt.Sprintf("resident with %d watchers", n), ours: held([]float64{after}), readme: true}
		if after > 0 {
			line.ratio = fmt.Sprintf("%.0f kB each", (after-before)/1e3/float64(n))
		}
		b.report.add(line)
		err = b.heard(fmt.Sprintf("a container's start, told to all of %d", n), watching)
	}
	if err == nil {
		b.report.add(row{what: "resident after that", ours: held([]float64{memory(pid, "VmRSS")})})
	}
	for _, w := range watching {
		if w != nil {
			_ = w.close() // the server is ended next, and tells what went wrong
		}
	}
	return errors.Join(err, stop())
}

// network starts a server for many clients.
func (b *bench) network() (url string, options *websocket.DialOptions, pid int, stop func() error, err error) {
	const token = "a-token-of-the-bench-that-opens-nothing-else"
	if err := os.WriteFile(b.file("token"), []byte(token+"\n"), 0o600); err != nil {
		return "", nil, 0, nil, err
	}
	command := osexec.Command(b.server, "--transport=websocket", "--port=0", "--admin-port=0", "--log-format=json", "--log-level=info", "--token-file="+b.file("token"))
	said, err := command.StderrPipe()
	if err != nil {
		return "", nil, 0, nil, err
	}
	if err := command.Start(); err != nil {
		return "", nil, 0, nil, err
	}
	stop = func() error {
		_ = command.Process.Signal(syscall.SIGTERM) // it may have ended already, which Wait tells
		late := time.AfterFunc(20*time.Second, func() { _ = command.Process.Kill() })
		defer late.Stop()
		return command.Wait()
	}
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		var line struct{ Message, WebSocket string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Message == "serving MCP" {
			go func() {
				for lines.Scan() { // so that the server can write on
				}
			}()
			header := http.Header{"Authorization": {"Bearer " + token}}
			return line.WebSocket, &websocket.DialOptions{HTTPHeader: header}, command.Process.Pid, stop, nil
		}
		fmt.Fprintln(os.Stderr, lines.Text())
	}
	return "", nil, 0, nil, errors.Join(errors.New("the server did not begin to serve"), stop())
}

// watcher is a client that watches podman://containers.
type watcher struct {
	*client
	mu   sync.Mutex
	last time.Time // when it last heard of a change
}

func (b *bench) watch(url string, options *websocket.DialOptions) (*watcher, error) {
	w := new(watcher)
	c, err := b.dial(func(line []byte, at time.Time) {
		if bytes.Contains(line, []byte(`"notifications/resources/updated"`)) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.last = at
		}
	}, url, options)
	if err != nil {
		return nil, err
	}
	w.client = c
	_, err = c.ask(b.ctx, "resources/subscribe", map[string]any{"uri": "podman://containers"})
	return w, err
}

func (w *watcher) lastHeard() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// heard starts a container again and again and adds a row of how long after its
// start the last of the watchers heard of it, and podman's own events did.
func (b *bench) heard(what string, all []*watcher) error {
	events, end, err := b.events()
	if err != nil {
		return err
	}
	defer end()
	var ours, raw []float64
	for range b.few(15, 3) {
		if err := b.calm(all); err != nil {
			return err
		}
		if _, err := b.podman("start", "--", "bench-watched"); err != nil {
			return err
		}
		text, err := b.podman("container", "inspect", "--format", "{{.State.StartedAt.UnixNano}}", "--", "bench-watched")
		if err != nil {
			return err
		}
		var nanoseconds int64
		if _, err := fmt.Sscan(text, &nanoseconds); err != nil {
			return fmt.Errorf("the container's start, %q: %w", text, err)
		}
		started := time.Unix(0, nanoseconds)
		select {
		case at := <-events:
			raw = append(raw, between(started, at))
		case <-time.After(5 * time.Second):
			return errors.New("podman events does not tell of a container's start")
		case <-b.ctx.Done():
			return b.ctx.Err()
		}
		if err := b.told(all, started); err != nil {
			return err
		}
		if err := b.calm(all); err != nil { // the last of its events counts
			return err
		}
		slowest := slices.MaxFunc(all, func(x, y *watcher) int { return x.lastHeard().Compare(y.lastHeard()) })
		ours = append(ours, between(started, slowest.lastHeard()))
		if _, err := b.podman("stop", "--time=0", "--", "bench-watched"); err != nil {
			return err
		}
	}
	b.report.add(row{what: what, ours: ms(ours) + ", worst " + number(slices.Max(ours)), raw: ms(raw), ratio: fmt.Sprintf("%+.1f ms", paired(ours, raw, difference)), readme: len(all) > 1})
	return nil
}

// told waits until all watchers have heard of something since.
func (b *bench) told(all []*watcher, since time.Time) error {
	for late := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		deaf := slices.ContainsFunc(all, func(w *watcher) bool { return w.lastHeard().Before(since) })
		switch {
		case !deaf:
			return nil
		case b.ctx.Err() != nil:
			return b.ctx.Err()
		case time.Now().After(late):
			return errors.New("not all watchers heard of a container's start within 5 s")
		}
	}
}

// calm waits until nobody has heard anything for 400 ms, which is more than
// podman's events take.
func (b *bench) calm(all []*watcher) error {
	for b.ctx.Err() == nil {
		newest := slices.MaxFunc(all, func(x, y *watcher) int { return x.lastHeard().Compare(y.lastHeard()) }).lastHeard()
		still := time.Since(newest)
		if still > 400*time.Millisecond {
			return nil
		}
		time.Sleep(400*time.Millisecond - still)
	}
	return b.ctx.Err()
}

// events hears podman's own events of containers that start.
func (b *bench) events() (at chan time.Time, end func(), err error) {
	ctx, cancel := context.WithCancel(b.ctx)
	command := osexec.CommandContext(ctx, "podman", "events", "--filter=event=start", "--filter=container=bench-watched", "--format=json")
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		cancel()
		return nil, nil, err
	}
	at = make(chan time.Time, 100)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.Contains(lines.Text(), "start") {
				at <- time.Now()
			}
		}
	}()
	end = func() { cancel(); <-read; _ = command.Wait() } // it was killed
	// It tells of nothing that was before it listens; what it does first takes as long as any podman command.
	_, err = b.podman("events", "--stream=false", "--since=1s", "--filter=event=start")
	return at, end, err
}

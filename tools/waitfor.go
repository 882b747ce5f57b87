package tools

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"podman-mcp/compose"
	"podman-mcp/exec"
	"podman-mcp/parse"
)

// forState waits for running or healthy. Podman's own wait knows healthy only
// since 5.0, and does not see that it can come no more.
func (w *waiting) forState(ctx context.Context) (WaitResult, error) {
	if w.in.For == "healthy" && w.now.HealthEvery == 0 {
		f := invalid("for", "container %q has no health check, so it is never healthy", w.now.Name)
		f.Hint = "Wait for running, a line of its log or a port, or run it again with health."
		return WaitResult{}, f
	}
	for {
		d := w.now
		healthy := d.State.Health != nil && d.State.Health.Status == "healthy"
		if d.State.Status == "running" && (w.in.For == "running" || healthy) {
			return WaitResult{Met: w.in.For}, nil
		}
		if w.in.For == "healthy" {
			w.check(ctx)
		}
		if err := w.again(ctx); err != nil {
			return WaitResult{}, err
		}
	}
}

// check runs the health check where nobody else does.
func (w *waiting) check(ctx context.Context) {
	if w.now.State.Status != "running" || !compose.Unwatched(w.Runner) || time.Since(w.checked) < min(w.now.HealthEvery, 30*time.Second) {
		return
	}
	w.checked = time.Now()
	// It ends with 1 where the container is not healthy, which the next look tells too.
	_, _ = w.Runner.Run(ctx, exec.Podman("healthcheck", "run").Operand(w.id))
}

// forExit leaves the waiting to podman, which knows the exit status also of a
// container that is removed as it ends. Of one that has never started podman
// 4.3 would say at once that it has ended with 0.
func (w *waiting) forExit(ctx context.Context) (WaitResult, error) {
	for w.now.State.ExitCode == nil && w.now.State.Status == "created" {
		if err := w.again(ctx); err != nil {
			return WaitResult{}, err
		}
	}
	out := WaitResult{Met: "exited"}
	if w.now.State.ExitCode != nil {
		return out, nil
	}
	stop := w.remind(ctx)
	defer stop()
	for line, err := range w.Stream(ctx, exec.Podman("wait").Operand(w.id)) {
		if err != nil {
			return WaitResult{}, err
		}
		// -1 is a status that podman could not learn.
		if code, err := strconv.Atoi(string(bytes.TrimSpace(line.Text))); err == nil && code >= 0 {
			out.ExitCode = &code
		}
	}
	stop()
	err := w.look(ctx)
	var f *parse.Failure
	if errors.As(err, &f) && f.Code == parse.ContainerNotFound {
		out.State, err = "gone", nil
	}
	return out, err
}

// coarse is by how much podman's time of an end may lie before the lines that
// the container printed last: it is a file's, which the kernel takes from its
// tick of 10 ms at most. No container is up again as soon.
const coarse = 20 * time.Millisecond

// forLine reads the log along, with whoever else follows it. What an earlier
// run of the container printed does not count.
func (w *waiting) forLine(ctx context.Context) (WaitResult, error) {
	for {
		line, ok, err := "", false, error(nil)
		switch {
		case w.now.State.ExitCode != nil:
			// A log is written before the exit is, so this is all of it.
			line, ok, err = w.search(ctx, w.now.State.StartedAt.Add(-time.Second))
		case w.now.State.Status != "created":
			line, ok, err = w.followed(ctx, w.now.State.FinishedAt.Add(coarse))
		}
		if err != nil {
			return WaitResult{}, err
		}
		if ok {
			err := w.look(ctx) // as it is now
			return WaitResult{Met: "log", Line: line}, err
		}
		if err := w.again(ctx); err != nil {
			return WaitResult{}, err
		}
	}
}

// followed follows the log until a line matches that was printed after since,
// or until the log ends.
func (w *waiting) followed(ctx context.Context, since time.Time) (string, bool, error) {
	f, err := w.follow(ctx, w.id)
	if err != nil {
		return "", false, err
	}
	defer f.leave()
	defer w.remind(ctx)()
	if f.forgotten {
		// Others have followed this log for long: its beginning is not handed on any more.
		if line, ok, err := w.search(ctx, since); ok || err != nil {
			return line, ok, err
		}
	}
	for {
		text, _, err := f.next()
		if errors.Is(err, io.EOF) {
			return "", false, nil
		}
		if err != nil {
			return "", false, err
		}
		for line := range bytes.Lines(text) {
			if body, ok := w.matches(bytes.TrimSuffix(line, []byte{'\n'}), since); ok {
				return body, true, nil
			}
		}
	}
}

// search reads the log as it is now.
func (w *waiting) search(ctx context.Context, since time.Time) (string, bool, error) {
	var buffer []byte
	for line, err := range w.Runner.Lines(ctx, exec.Podman("logs").Flag("timestamps", true).Operand(w.id).Brief()) {
		if err != nil {
			return "", false, err
		}
		buffer = appendLine(buffer[:0], line)
		if body, ok := w.matches(buffer, since); ok {
			return body, true, nil
		}
	}
	return "", false, nil
}

// matches judges a line behind its time.
func (w *waiting) matches(line []byte, since time.Time) (string, bool) {
	body := line[stamp(line):]
	if before(line, since) || !w.line.Match(body) {
		return "", false
	}
	return string(body[:min(len(body), maxGrep)]), true
}

// forPort connects until something answers.
func (w *waiting) forPort(ctx context.Context) (WaitResult, error) {
	for {
		address, err := w.address(ctx)
		if err != nil {
			return WaitResult{}, err
		}
		if w.now.State.Status == "running" && answers(ctx, address) {
			return WaitResult{Met: "port", Address: address}, nil
		}
		if err := w.again(ctx); err != nil {
			return WaitResult{}, err
		}
	}
}

// address is where the port is published.
func (w *waiting) address(ctx context.Context) (string, error) {
	ports := w.now.Ports
	if len(ports) == 0 && w.now.Pod != "" {
		// A pod's ports are its infra container's; only the list repeats them for each member.
		list, err := w.containers(ctx)
		if err != nil {
			return "", err
		}
		row, _ := find(list, w.id)
		ports = row.Ports
	}
	if address := published(ports, w.in.Port); address != "" {
		return address, nil
	}
	f := invalid("port", "container %q does not publish TCP port %d", w.now.Name, w.in.Port)
	if f.Hint = "It publishes no port: nobody can reach one from outside. Wait for a line of its log, or run it again with ports."; len(ports) > 0 {
		f.Hint = "It publishes " + strings.Join(ports, ", ") + "."
	}
	return "", f
}

// published finds in ports such as "127.0.0.1:8000-8002->80-82/tcp" the one
// that is port in the container, or else on the host, and gives its address.
func published(ports []string, port int) string {
	byHost := ""
	for _, text := range ports {
		text, isTCP := strings.CutSuffix(text, "/tcp")
		outside, inside, ok := strings.Cut(text, "->")
		at := strings.LastIndexByte(outside, ':')
		if !isTCP || !ok || at < 0 {
			continue
		}
		host := strings.Trim(outside[:at], "[]")
		if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
			host = map[bool]string{true: "127.0.0.1", false: "::1"}[ip.Is4()]
		}
		from, n := span(outside[at+1:])
		to, _ := span(inside)
		if i := port - to; i >= 0 && i < n {
			return net.JoinHostPort(host, strconv.Itoa(from+i))
		}
		if i := port - from; i >= 0 && i < n && byHost == "" {
			byHost = net.JoinHostPort(host, strconv.Itoa(port))
		}
	}
	return byHost
}

// span reads N or N-M as its first number and how many there are.
func span(text string) (first, n int) {
	from, to, ranged := strings.Cut(text, "-")
	first, err := strconv.Atoi(from)
	if err != nil {
		return 0, 0
	}
	last, err := strconv.Atoi(to)
	if !ranged || err != nil {
		return first, 1
	}
	return first, last - first + 1
}

const (
	dialTime = time.Second
	heldTime = 200 * time.Millisecond
)

// answers tells whether something accepts a connection and keeps it: rootless
// podman's forwarder accepts at once, and hangs up where nobody listens behind it.
func answers(ctx context.Context, address string) bool {
	dialer := net.Dialer{Timeout: dialTime}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetReadDeadline(time.Now().Add(heldTime)); err != nil {
		return false
	}
	n, err := conn.Read(make([]byte, 1))
	return n > 0 || errors.Is(err, os.ErrDeadlineExceeded)
}

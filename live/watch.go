package live

import (
	"context"
	"errors"
	"time"

	"podman-mcp/parse"
	"podman-mcp/tools"
)

const (
	tick  = time.Second      // between two updates of stats
	again = 10 * time.Second // after which a watch that failed is tried once more
)

// watch prepares a topic, and follows a container's log or waits for its stats
// to change while somebody subscribes to them.
func (l *Live) watch(t topic) *watched {
	ctx, cancel := context.WithCancel(l.ctx)
	w := &watched{topic: t, sessions: sessions{}, changed: make(chan struct{}, 1), cancel: cancel}
	switch t.kind {
	case logs:
		l.running.Go(func() { l.watchLogs(ctx, w) })
	case stats:
		l.running.Go(func() { l.watchStats(ctx, w) })
	}
	return w
}

// watchLogs tells of new lines, and after the container's end waits for events
// that may be its start.
func (l *Live) watchLogs(ctx context.Context, w *watched) {
	for ctx.Err() == nil {
		err := l.host.Watch(ctx, w.name, func() { l.tell(w) })
		if ctx.Err() == nil {
			l.wait(ctx, w, err)
		}
	}
}

// watchStats tells every second while the container runs.
func (l *Live) watchStats(ctx context.Context, w *watched) {
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	for ctx.Err() == nil {
		running, err := l.isRunning(ctx, w.name)
		for running {
			select {
			case <-ticks.C:
				l.tell(w)
				continue
			case <-w.changed:
			case <-ctx.Done():
			}
			break
		}
		if !running {
			l.wait(ctx, w, err)
		}
	}
}

// wait waits for an event of the container; where a watch failed for another
// reason than that there is no container, also for a while to be over.
func (l *Live) wait(ctx context.Context, w *watched, err error) {
	var late <-chan time.Time
	var f *parse.Failure
	if errors.As(err, &f) && f.Code != parse.ContainerNotFound {
		l.host.Log.Warn().Str("uri", w.uri).Err(err).Msg("cannot watch it for now")
		timer := time.NewTimer(again)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-w.changed:
	case <-late:
	case <-ctx.Done():
	}
}

func (l *Live) isRunning(ctx context.Context, name string) (bool, error) {
	answer, err := l.host.Do(ctx, "podman_inspect", tools.InspectParams{Container: name, Type: "container"})
	if err != nil {
		return false, err
	}
	result, ok := answer.Value.(tools.InspectResult)
	return ok && result.Container != nil && result.Container.State.Status == "running", nil
}

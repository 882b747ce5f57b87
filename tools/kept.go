package tools

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"podman-mcp/exec"
	"podman-mcp/keep"
	"podman-mcp/parse"
)

// Kept gives the answers of tools again that cannot have changed, without a
// podman: those for which no file has changed that podman keeps its state and its
// settings in. What files do not tell is not kept. Where there is any doubt,
// podman is asked. A nil Kept keeps nothing.
type Kept struct {
	runner *exec.Runner
	hits   atomic.Int64

	mu       sync.Mutex
	store    *keep.Store // nil until it is known where podman keeps its state
	learning bool
	again    time.Time // when to try that again
	answers  keep.Answers[*encoded]
}

// NewKept keeps answers of runner's podman; nil where that is a client of a
// service, whose files may be elsewhere.
func NewKept(runner *exec.Runner) *Kept {
	if runner.Remote {
		return nil
	}
	return &Kept{runner: runner}
}

// Hits counts the answers that were given again.
func (k *Kept) Hits() int64 {
	if k == nil {
		return 0
	}
	return k.hits.Load()
}

// encoded is a result with its JSON.
type encoded struct {
	value  any
	record []byte
	until  time.Time // when words in it change; zero for never
}

// passing is a result that knows whether something in it can change without
// podman writing a file.
type passing interface{ passes() bool }

// aging is a result in which words change as time goes by.
type aging interface {
	// at is the result at a moment, and until when it is so.
	at(now time.Time) (fresh any, until time.Time)
	// ages tells whether at knows that, of a result that podman gave between
	// begin and end.
	ages(begin, end time.Time) bool
}

// kept lets the tool's answers be kept.
func (t Tool) kept() Tool {
	t.keeps = true
	return t
}

// answer calls the tool, or gives its kept answer.
func (k *Kept) answer(ctx context.Context, t Tool, c *Call, arguments json.RawMessage) (any, error) {
	podman, err := k.runner.Path()
	store := k.known()
	if err != nil || store == nil {
		defer k.find(ctx)
		return t.run(ctx, c, arguments)
	}
	begin := time.Now()
	question := t.Name + " " + string(arguments)
	before, err := store.State(podman)
	if err != nil {
		k.doubt(err)
		return t.run(ctx, c, arguments)
	}
	if e, ok := k.answers.Get(question, before.Text); ok {
		fresh, err := e.now(begin)
		if err == nil {
			if fresh != e { // or each call after this would encode it anew
				k.put(question, before, fresh)
			}
			k.hits.Add(1)
			return fresh, nil
		}
	}
	out, err := t.run(ctx, c, arguments)
	if err != nil || !before.Settled(begin) || !lasts(out, begin) {
		return out, err
	}
	if after, err := store.State(podman); err != nil || after.Text != before.Text {
		return out, nil
	}
	e, err := encode(out, time.Now())
	if err != nil {
		return nil, err
	}
	k.put(question, before, e)
	return e, nil
}

func (k *Kept) put(question string, state keep.State, e *encoded) {
	k.answers.Put(question, state.Text, e, 3*len(e.record)) // the value is about as large again, twice
}

// lasts tells whether files tell all that is in a result which was made since begin.
func lasts(out any, begin time.Time) bool {
	if p, ok := out.(passing); ok && p.passes() {
		return false
	}
	a, ok := out.(aging)
	return !ok || a.ages(begin, time.Now())
}

// encode is the result as it is at a moment.
func encode(out any, now time.Time) (*encoded, error) {
	e := &encoded{value: out}
	if a, ok := out.(aging); ok {
		e.value, e.until = a.at(now)
	}
	var err error
	e.record, err = compact(e.value)
	return e, err
}

// now is e with the words that have changed since.
func (e *encoded) now(now time.Time) (*encoded, error) {
	if e.until.IsZero() || now.Before(e.until) {
		return e, nil
	}
	return encode(e.value, now)
}

// known is where podman keeps its state; nil where that is not known.
func (k *Kept) known() *keep.Store {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.store
}

// find asks podman where that is, behind a call, so that none waits for it.
func (k *Kept) find(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.store == nil && !k.learning && !time.Now().Before(k.again) {
		k.learning = true
		go k.learn(context.WithoutCancel(ctx))
	}
}

const (
	learnTimeout = 10 * time.Second
	learnAgain   = time.Minute // where it cannot be known
	learnSoon    = time.Second // where settings were just written
)

func (k *Kept) learn(ctx context.Context) {
	store, err := LearnStore(ctx, k.runner)
	if err != nil {
		k.runner.Log.Debug().Err(err).Msg("no answers are kept")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.store, k.learning, k.again = store, false, time.Now().Add(learnAgain)
	if errors.Is(err, keep.ErrChanged) {
		k.again = time.Now().Add(learnSoon)
	}
}

// doubt forgets a store that is not what it was.
func (k *Kept) doubt(err error) {
	if !errors.Is(err, keep.ErrChanged) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.store = nil
}

// LearnStore finds out where podman keeps its state. The error says why its
// answers cannot be kept.
func LearnStore(ctx context.Context, runner *exec.Runner) (*keep.Store, error) {
	if runner.Remote {
		return nil, errors.New("podman is a client of a service")
	}
	podman, err := runner.Path()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, learnTimeout)
	defer cancel()
	return keep.Learn(podman, func() (parse.Places, error) {
		result, err := runner.Run(ctx, exec.Podman("ps").Option("log-level", "debug"))
		if err != nil {
			return parse.Places{}, err
		}
		return parse.LoggedPlaces(result.Stderr)
	})
}

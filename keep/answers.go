// Package keep knows whether podman's state has changed since an answer was
// made: [Store] stamps the files that hold it, and [Answers] holds what was
// made under one stamp.
package keep

import (
	"errors"
	"sync"
)

// ErrChanged is a store whose settings or podman are not those that it was
// learnt under.
var ErrChanged = errors.New("podman or its settings have changed")

const (
	maxAnswers = 64
	maxBytes   = 16 << 20
)

// Answers holds values by the question that they answer, at most 64 and 16 MiB
// of them, all of one state: those of another are forgotten. Its zero value is
// empty. It is safe for concurrent use.
type Answers[V any] struct {
	mu    sync.Mutex
	state string
	bytes int
	all   map[string]entry[V]
}

type entry[V any] struct {
	value V
	bytes int
}

// Get finds what was put for a question in this state.
func (a *Answers[V]) Get(question, state string) (V, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.state != state {
		var none V
		return none, false
	}
	e, ok := a.all[question]
	return e.value, ok
}

// Put keeps a value that takes so many bytes. What is too large is not kept, and
// where there is no more room any others go.
func (a *Answers[V]) Put(question, state string, value V, bytes int) {
	bytes += len(question)
	if bytes > maxBytes/4 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.state != state || a.all == nil {
		a.state, a.bytes, a.all = state, 0, map[string]entry[V]{}
	}
	a.bytes -= a.all[question].bytes
	delete(a.all, question)
	for other, e := range a.all {
		if len(a.all) < maxAnswers && a.bytes+bytes <= maxBytes {
			break
		}
		a.bytes -= e.bytes
		delete(a.all, other)
	}
	a.all[question] = entry[V]{value, bytes}
	a.bytes += bytes
}

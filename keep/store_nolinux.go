//go:build !linux

package keep

import (
	"errors"
	"time"

	"podman-mcp/parse"
)

// Store is of Linux alone: elsewhere podman works in a machine of its own.
type Store struct{}

// State is what a store was like at a moment.
type State struct{ Text string }

// Settled is never true.
func (State) Settled(time.Time) bool { return false }

// Learn finds no store.
func Learn(string, func() (parse.Places, error)) (*Store, error) {
	return nil, errors.New("podman works in a machine of its own")
}

// State is not there.
func (*Store) State(string) (State, error) { return State{}, ErrChanged }

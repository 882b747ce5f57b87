//go:build !unix

package serve

import "net"

// Inherited returns none: there is no systemd here.
func Inherited(Exposure) (map[string][]net.Listener, error) { return nil, nil }

// Tell does nothing: there is no systemd here.
func Tell(string) error { return nil }

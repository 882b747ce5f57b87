package main

import "fmt"

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s *streams) error {
	_, err := fmt.Fprintln(s.out, "podman-mcp", version)
	return err
}

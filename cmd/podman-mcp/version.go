package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker.
var version = "dev"

type versionCmd struct{}

// Run prints what this program is; it never asks podman.
func (versionCmd) Run(s *streams) error {
	number, commit := thisVersion()
	if commit != "" {
		commit = "commit " + commit + ", "
	}
	_, err := fmt.Fprintf(s.out, "podman-mcp %s (%s%s %s/%s)\n", number, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// thisVersion returns this program's version and commit.
func thisVersion() (number, commit string) { return built(debug.ReadBuildInfo()) }

// built returns the version and, where go build recorded it, the commit.
func built(info *debug.BuildInfo, ok bool) (number, commit string) {
	number = version
	if !ok {
		return number, ""
	}
	if v := info.Main.Version; number == "dev" && v != "" && v != "(devel)" {
		number = v // go install podman-mcp@v1.2.3
	}
	changed := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if changed && commit != "" {
		commit += "+changes"
	}
	return number, commit
}

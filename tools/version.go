package tools

import (
	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanVersion = query(Tool{
	Name: "podman_version", Title: "Tell podman's version", Effect: Reads, Toolset: System,
	About: "Tells the version of podman, and of the service where podman works through one. Ten times quicker than podman_info, " +
		"which also tells of the machine.",
}, func(VersionParams) exec.Argv {
	return exec.Podman("version").Option("format", "json")
}, func(_ VersionParams, out []byte) (VersionResult, error) {
	versions, err := parse.Version(out)
	return VersionResult{versions}, err
})

// VersionParams are the parameters of podman_version: none.
type VersionParams struct{}

// VersionResult is the result of podman_version.
type VersionResult struct{ parse.Versions }

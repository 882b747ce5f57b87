package tools

import (
	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanInfo = query(Tool{
	Name: "podman_info", Title: "Describe podman and its machine", Effect: Reads, Toolset: System, Default: true,
	About: "Tells podman's version, its machine, storage and runtime, and how many containers and images there are.",
}, func(InfoParams) exec.Argv {
	return exec.Podman("info").Option("format", "json")
}, func(in InfoParams, out []byte) (InfoResult, error) {
	info, err := parse.Info(out)
	if err != nil {
		return InfoResult{}, err
	}
	whole, err := in.of(out)
	return InfoResult{info, whole}, err
})

// InfoParams are the parameters of podman_info.
type InfoParams struct{ Detail }

// InfoResult is the result of podman_info.
type InfoResult struct {
	parse.HostInfo
	Whole
}

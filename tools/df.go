package tools

import (
	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanSystemDf = query(Tool{
	Name: "podman_system_df", Title: "Measure disk use", Effect: Reads, Toolset: System, Default: true,
	About: "Tells how many bytes images, containers and volumes take, and how many could be freed. podman_system_prune frees them.",
}, func(SystemDfParams) exec.Argv {
	return exec.Podman("system", "df").Option("format", "{{json .}}")
}, func(_ SystemDfParams, out []byte) (SystemDfResult, error) {
	list, err := parse.DiskUses(out)
	return SystemDfResult{list}, err
})

// SystemDfParams are the parameters of podman_system_df: none.
type SystemDfParams struct{}

// SystemDfResult is the result of podman_system_df.
type SystemDfResult struct {
	Usage []parse.DiskUse `json:"usage"`
}

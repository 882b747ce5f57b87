package tools

import (
	"context"
	"os"

	"podman-mcp/exec"
	"podman-mcp/kube"
	"podman-mcp/parse"
)

var podmanKubeApply = act(Tool{
	Name: "podman_kube_apply", Title: "Deploy to a Kubernetes cluster", Effect: Changes, Toolset: Kube, OpenWorld: true, Destructive: true,
	About: "Deploys containers, pods and volumes that are here, or Kubernetes YAML, to the cluster of a kubeconfig, whose first cluster counts. " +
		"Needs podman 4.4 or newer. The kubeconfig must lie in a folder that the operator allows. " +
		"To run YAML on this podman use podman_kube_play.",
}, kubeApply)

// KubeApplyParams are the parameters of podman_kube_apply.
type KubeApplyParams struct {
	Names []Name `json:"names,omitempty" jsonschema:"Names or ids of containers, pods and volumes; these, or file or yaml"`
	KubeText
	Kubeconfig File `json:"kubeconfig" jsonschema:"Path of the kubeconfig"`
	Namespace  Name `json:"namespace,omitempty" jsonschema:"Default where not given"`
}

// KubeApplyResult is the result of podman_kube_apply.
type KubeApplyResult struct {
	Applied []string `json:"applied" jsonschema:"What was deployed, as KIND NAME or the names given"`
	Rows
}

func (r *KubeApplyResult) cut() { r.names(&r.Applied) }

func kubeApply(ctx context.Context, c *Call, in KubeApplyParams) (KubeApplyResult, error) {
	var none KubeApplyResult
	config, err := c.Roots.Source("kubeconfig", string(in.Kubeconfig))
	if err != nil {
		return none, err
	}
	if about, err := os.Stat(config); err != nil || !about.Mode().IsRegular() {
		return none, invalid("kubeconfig", "%s does not exist or is no plain file", short([]byte(in.Kubeconfig)))
	}
	argv := exec.Podman("kube", "apply").Option("kubeconfig", config).Option("ns", string(in.Namespace))
	if len(in.Names) > 0 {
		if in.File != "" || in.YAML != "" {
			return none, invalid("names", "cannot stand beside file or yaml; give one of them")
		}
		if err := c.wholeNames(ctx, words(in.Names)); err != nil {
			return none, err
		}
		_, err := c.Runner.Run(ctx, argv.Operand(words(in.Names)...))
		return KubeApplyResult{Applied: words(in.Names)}, err
	}
	text, err := in.read(c)
	if err != nil {
		return none, err
	}
	manifest, err := kube.Names(text)
	if err != nil {
		return none, err
	}
	if manifest.Masked() {
		return none, &parse.Failure{Code: parse.InvalidParams, Subject: "yaml", Message: "yaml: a secret in it was masked as ***",
			Hint: "Nothing was deployed. The file that podman_kube_generate writes holds the secret itself."}
	}
	path, done, err := exec.KubeFile(text)
	if err != nil {
		return none, err
	}
	defer done()
	_, err = c.Runner.Run(ctx, argv.Option("file", path))
	return KubeApplyResult{Applied: manifest.Objects()}, err
}

package tools

import (
	"context"
	"errors"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/kube"
	"podman-mcp/parse"
)

var podmanKubeDown = act(Tool{
	Name: "podman_kube_down", Title: "Take Kubernetes YAML down", Effect: Removes, Toolset: Kube, Idempotent: true,
	About: "Removes the pods that Kubernetes YAML names, with their containers, and nothing else; podman 5 also the YAML's Secrets. " +
		"The volumes of its claims stay with their data unless force. Use the YAML that podman_kube_play got. " +
		"For single pods use podman_pod_rm.",
}, kubeDown)

// KubeDownParams are the parameters of podman_kube_down.
type KubeDownParams struct {
	KubeText
	Force bool `json:"force,omitempty" default:"false" jsonschema:"Also remove the claims' volumes, with their data (podman 4.4 or newer)"`
}

// KubeDownResult is the result of podman_kube_down.
type KubeDownResult struct {
	Removed KubeThings `json:"removed"`
	Kept    KubeThings `json:"kept" jsonschema:"Named in the YAML and still there"`
	Note    string     `json:"note,omitempty"`
	Rows
}

func (r *KubeDownResult) cut() {
	for _, k := range []*KubeThings{&r.Removed, &r.Kept} {
		r.names(&k.Pods, &k.Volumes, &k.Secrets)
	}
}

// KubeThings are names of what Kubernetes YAML makes.
type KubeThings struct {
	Pods    []string `json:"pods"`
	Volumes []string `json:"volumes"`
	Secrets []string `json:"secrets,omitempty"`
}

func (r KubeDownResult) partial() bool {
	return len(r.Removed.Pods)+len(r.Removed.Volumes)+len(r.Removed.Secrets) > 0
}

func kubeDown(ctx context.Context, c *Call, in KubeDownParams) (KubeDownResult, error) {
	var none KubeDownResult
	text, err := in.read(c)
	if err != nil {
		return none, err
	}
	manifest, err := kube.Names(text)
	if err != nil {
		return none, err
	}
	before, err := c.madeFrom(ctx, manifest)
	if err != nil {
		return none, err
	}
	if len(before.Pods) == 0 && (!in.Force || len(before.Volumes) == 0) {
		none = before.less(before)
		none.Note = "no pod of this YAML is there"
		return none, nil
	}
	if err := c.podsChangeable(ctx, manifest); err != nil {
		return none, err
	}
	if in.Force {
		if err := c.volumesChangeable(ctx, before.Volumes); err != nil {
			return none, err
		}
	}
	if err := c.confirmKube(ctx, manifest, before, in.Force); err != nil {
		return none, err
	}
	handed, err := manifest.Down(before.Pods)
	if err != nil {
		return none, err
	}
	path, done, err := exec.KubeFile(handed)
	if err != nil {
		return none, err
	}
	defer done()
	_, failed := c.finish(ctx, exec.Podman("kube", "down").Flag("force", in.Force).Operand(path))
	if stopped(ctx, failed) || failed != nil && tooOld(failed) {
		return none, failed
	}
	ctx, cancel := afterwards(ctx)
	defer cancel()
	after, err := c.madeFrom(ctx, manifest)
	if err != nil {
		return none, err
	}
	return before.less(after), failed
}

// confirmKube names the pods and secrets that are there, and with volumes those
// too.
func (c *Call) confirmKube(ctx context.Context, m *kube.Manifest, there KubeThings, volumes bool) error {
	if !c.Confirm {
		return nil
	}
	list, err := c.pods(ctx)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(pod parse.Pod) bool { return !m.Makes(pod.Name) })
	all := append(podsLost(list), lost{what: "secret", names: there.Secrets})
	if volumes {
		all = append(all, lost{what: "volume", names: there.Volumes})
	}
	return c.confirm("Remove", " and all that is in them", all...)
}

// tooOld tells of a podman that does not know the command or the option, and so
// has done nothing.
func tooOld(err error) bool {
	var run *exec.RunError
	return errors.As(err, &run) && run.Code > 0 && parse.Classify(run.Stderr, run.Code).Code == parse.TooOld
}

// madeFrom lists what is there of what the YAML names.
func (c *Call) madeFrom(ctx context.Context, m *kube.Manifest) (KubeThings, error) {
	out := KubeThings{Pods: []string{}, Volumes: []string{}}
	list, err := c.pods(ctx)
	if err != nil {
		return out, err
	}
	for _, pod := range list {
		if m.Makes(pod.Name) {
			out.Pods = append(out.Pods, pod.Name)
		}
	}
	slices.SortFunc(out.Pods, strings.Compare)
	volumes, err := c.volumesThere(ctx, m.Volumes())
	if err != nil {
		return out, err
	}
	out.Volumes = append(out.Volumes, volumes...)
	out.Secrets, err = c.secretsThere(ctx, m.Secrets())
	return out, err
}

// less is what is gone and what is left.
func (k KubeThings) less(after KubeThings) KubeDownResult {
	gone := func(before, after []string) []string {
		out := []string{}
		for _, name := range before {
			if !slices.Contains(after, name) {
				out = append(out, name)
			}
		}
		return out
	}
	return KubeDownResult{Kept: after, Removed: KubeThings{
		Pods: gone(k.Pods, after.Pods), Volumes: gone(k.Volumes, after.Volumes), Secrets: gone(k.Secrets, after.Secrets)}}
}

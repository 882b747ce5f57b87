package tools

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/kube"
	"podman-mcp/parse"
)

var podmanKubePlay = act(Tool{
	Name: "podman_kube_play", Title: "Play Kubernetes YAML", Effect: Changes, Toolset: Kube, OpenWorld: true, Destructive: true, Timeout: longTimeout,
	About: "Makes and starts the pods of Kubernetes YAML (Pod, Deployment, DaemonSet, Job, with their claims, ConfigMaps and Secrets) on this podman. " +
		"Ports with a hostPort open on 127.0.0.1 unless hostIP says otherwise. What would reach into the host is refused. " +
		"podman_kube_down undoes it; for compose files use podman_compose_up, for a cluster podman_kube_apply.",
}, kubePlay)

// KubePlayParams are the parameters of podman_kube_play.
type KubePlayParams struct {
	KubeText
	Replace bool `json:"replace,omitempty" default:"false" jsonschema:"Remove the pods of these names first, and write the secrets anew"`
	Start   bool `json:"start,omitempty" default:"true" jsonschema:"false: only make them"`
	Network Name `json:"network,omitempty" jsonschema:"none, or an existing network's name"`
}

// KubePlayResult is the result of podman_kube_play.
type KubePlayResult struct {
	Pods    []PlayedPod `json:"pods"`
	Volumes []string    `json:"volumes" jsonschema:"Made by this call"`
	Secrets []string    `json:"secrets,omitempty" jsonschema:"Written by this call"`
	Note    string      `json:"note,omitempty"`
	Rows
}

func (r *KubePlayResult) cut() {
	cut(&r.Rows, &r.Pods, func(p PlayedPod) bool { return p.State == "running" })
	r.names(&r.Volumes, &r.Secrets)
	for i, p := range r.Pods {
		r.Pods[i].Containers = p.Containers[:min(maxMembers, len(p.Containers))]
	}
}

// PlayedPod is a pod that was made.
type PlayedPod struct {
	ID              string               `json:"id"`
	Name            string               `json:"name"`
	State           string               `json:"state"`
	Containers      []parse.PodContainer `json:"containers"`
	ContainersTotal int                  `json:"containers_total"`
}

// played is what a call makes, and what was there before it.
type played struct {
	*kube.Manifest
	id      string   // of the call
	claimed []string // volumes that are there already and are used
	secrets []string // of the YAML that were there already
}

func kubePlay(ctx context.Context, c *Call, in KubePlayParams) (KubePlayResult, error) {
	var none KubePlayResult
	if err := c.Policy.network(in.Network, nil); err != nil {
		return none, err
	}
	text, err := in.read(c)
	if err != nil {
		return none, err
	}
	manifest, err := kube.Read(text, c.judge())
	if err != nil {
		return none, err
	}
	if err := c.whole(ctx, "network", parse.NetworkNotFound, string(in.Network)); err != nil {
		return none, err
	}
	p := played{Manifest: manifest, id: rand.Text()}
	if in.Replace {
		if err := c.podsChangeable(ctx, manifest); err != nil {
			return none, err
		}
	}
	if err := c.free(ctx, &p, in.Replace); err != nil {
		return none, err
	}
	if in.Replace && c.Confirm { // what comes there after the question is not to be replaced
		there, err := c.madeFrom(ctx, manifest)
		if err != nil {
			return none, err
		}
		in.Replace = len(there.Pods)+len(there.Secrets) > 0
	}
	if in.Replace {
		if err := c.confirmKube(ctx, manifest, KubeThings{Secrets: p.secrets}, false); err != nil {
			return none, err
		}
	}
	handed, err := p.Handed(map[string]string{callLabel: p.id, parse.OwnerLabel: c.Scope.owner()}, p.claimed)
	if err != nil {
		return none, err
	}
	path, done, err := exec.KubeFile(handed)
	if err != nil {
		return none, err
	}
	defer done()
	argv := exec.Podman("kube", "play").Flag("replace", in.Replace).Flag("start=false", !in.Start).
		Option("network", string(in.Network)).
		Flag("build=false", !c.Runner.Remote). // of a folder called like an image
		Operand(path).Pulls()
	if _, err := c.Runner.Run(ctx, argv); err != nil {
		return none, c.undoPlay(ctx, err, p, in.Replace)
	}
	out, err := c.playedBy(ctx, p, in.Start)
	if ctx.Err() != nil {
		return none, c.undoPlay(ctx, &exec.RunError{Verb: "kube play", Code: -1, Err: context.Cause(ctx)}, p, in.Replace)
	}
	return out, err
}

// free makes sure that nothing of a person's is written over: podman writes
// secrets of the same names anew without being asked, removes the volume of an
// emptyDir with its pod, and fills that of a ConfigMap. Volumes of claims that
// are there are used as they are.
func (c *Call) free(ctx context.Context, p *played, replace bool) error {
	var err error
	if p.claimed, err = c.volumesThere(ctx, p.Volumes()); err != nil {
		return err
	}
	filled, err := c.volumesThere(ctx, p.Filled())
	if err != nil {
		return err
	}
	if len(filled) > 0 {
		return &parse.Failure{Code: parse.NameInUse, Subject: filled[0],
			Message: fmt.Sprintf("there is already a volume called %q, which podman would fill or remove for an emptyDir, configMap or secret of that name", filled[0]),
			Hint:    "Nothing was run. Choose another name in the YAML, or remove the volume first with podman_volume_rm."}
	}
	if p.secrets, err = c.secretsThere(ctx, p.Secrets()); err != nil {
		return err
	}
	if len(p.secrets) > 0 && !replace {
		return &parse.Failure{Code: parse.NameInUse, Subject: p.secrets[0],
			Message: fmt.Sprintf("there is already a secret called %q", p.secrets[0]),
			Hint:    "Nothing was run. Choose another name in the YAML, remove the secret with podman_secret_rm, or call again with replace, which writes it anew."}
	}
	return nil
}

// playedBy tells what the call made. Containers are watched for a moment:
// those that end at once should not be told as running.
func (c *Call) playedBy(ctx context.Context, p played, started bool) (KubePlayResult, error) {
	out := KubePlayResult{Pods: []PlayedPod{}, Volumes: []string{}}
	made, err := c.pods(ctx, "label="+callLabel+"="+p.id)
	if err != nil {
		return out, err
	}
	var up []string
	for _, pod := range made {
		for _, member := range running(pod.Containers) {
			up = append(up, member.FullID)
		}
	}
	if started && len(up) > 0 {
		soon, cancel := context.WithTimeout(ctx, cmp.Or(c.Moment, moment))
		_, _ = c.Runner.Run(soon, exec.Podman("wait").Option("interval", "50ms").Operand(up...)) // the list tells
		cancel()
		if made, err = c.pods(ctx, "label="+callLabel+"="+p.id); err != nil {
			return out, err
		}
	}
	var ended []string
	for _, pod := range made {
		out.Pods = append(out.Pods, PlayedPod{ID: pod.ID, Name: pod.Name, State: pod.State, Containers: pod.Containers, ContainersTotal: pod.ContainersTotal})
		for _, member := range pod.Containers {
			if started && len(running([]parse.PodContainer{member})) == 0 {
				ended = append(ended, member.Name)
			}
		}
	}
	slices.SortFunc(out.Pods, func(a, b PlayedPod) int { return strings.Compare(a.Name, b.Name) })
	for _, name := range slices.Concat(p.Volumes(), p.Filled()) {
		if !slices.Contains(p.claimed, name) {
			out.Volumes = append(out.Volumes, name)
		}
	}
	out.Secrets = p.Secrets()
	out.Note = p.note(ended)
	return out, nil
}

func (p played) note(ended []string) string {
	var notes []string
	for _, n := range []struct {
		what  string
		names []string
	}{
		{"not running, podman_logs may say why", ended},
		{"there already and used as it is", p.claimed},
		{"left out, for it means nothing to podman", p.Ignored()},
	} {
		if len(n.names) > 0 {
			notes = append(notes, n.what+": "+strings.Join(n.names[:min(mostRows, len(n.names))], ", "))
		}
	}
	return strings.Join(notes, "; ")
}

// undoPlay removes what a call made that did not succeed, and nothing else, and
// returns the call's error: podman leaves pods behind that it could not finish.
func (c *Call) undoPlay(ctx context.Context, cause error, p played, replaced bool) error {
	f := c.failure(ctx, cause, longTimeout)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	fail := func(err error) {
		if err != nil {
			c.Log.Error().Err(err).Str("label", callLabel+"="+p.id).Msg("cannot remove what a failed call made")
		}
	}
	_ = c.undoPod(ctx, nil, p.id)
	made, err := c.Runner.Read(ctx, exec.Podman("volume", "ls").Option("filter", "label="+callLabel+"="+p.id).Option("format", "{{.Name}}"))
	fail(err)
	filled, err := c.volumesThere(ctx, p.Filled()) // none was there before
	fail(err)
	if volumes := append(strings.Fields(string(made.Stdout)), filled...); len(volumes) > 0 {
		_, err := c.Runner.Run(ctx, exec.Podman("volume", "rm").Operand(volumes...))
		fail(err)
	}
	secrets, err := c.secretsThere(ctx, p.Secrets())
	fail(err)
	secrets = slices.DeleteFunc(secrets, func(name string) bool { return slices.Contains(p.secrets, name) })
	if len(secrets) > 0 {
		_, err := c.Runner.Run(ctx, exec.Podman("secret", "rm").Operand(secrets...))
		fail(err)
	}
	if replaced {
		f.Hint += " What this call made is gone again, and so are the pods that it was to replace."
	}
	return f
}

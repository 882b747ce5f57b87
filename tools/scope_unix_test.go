//go:build unix

package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// scopePodman notes what it is asked and answers lists from files.
const scopePodman = `#!/bin/sh
cd "${0%/*}"
echo "$*" >>asked
case "$1 $2" in
"pod ps") cat pods ;;
"volume ls") case $* in *.Name*) echo theirvol ;; *) cat volumes ;; esac ;;
"network ls") cat networks ;;
"container inspect") echo "[{\"Id\":\"$4\",\"Name\":\"$4\"}]" ;;
"images "*) case $* in *label=*) cat labelled ;; *) cat images ;; esac ;;
"ps "*) case $* in *project=ours*) cat ours ;; *project=bare*) echo "[]" ;; *--filter=*) cat users ;; *) cat ps ;; esac ;;
"manifest "*) exit 1 ;;
"image inspect") case $* in *plain*) cat images ;; *) echo "Error: $4: image not known" >&2; exit 125 ;; esac ;;
"commit "*) echo 5ec2e75ec2e7 ;;
esac
`

// crowd is what that podman has: mine and theirs, which this server made and
// did not; posed, whose image bears the label; me, which the server runs in.
// Pods alike, where mixed has a member of somebody else's.
type crowd struct {
	host *Host
	dir  string
}

func newCrowd(t *testing.T, scope Scope) crowd {
	t.Helper()
	dir := t.TempDir()
	id := func(name string) string { return fmt.Sprintf("%x", fmt.Sprintf("%-32s", name)) }
	row := func(name, owner, image, pod, more string) string {
		labels := "{}"
		if owner != "" {
			labels = `{"` + parse.OwnerLabel + `":"` + owner + `"}`
		}
		if pod != "" {
			pod = id(pod)
		}
		return fmt.Sprintf(`{"Id":"%s","Names":["%s"],"State":"exited","Labels":%s,"ImageID":"%s","Pod":"%s"%s}`, id(name), name, labels, id(image), pod, more)
	}
	rows := []string{
		row("mine", DefaultOwner, "plain", "", ""), row("theirs", "", "plain", "", ""), row("other", "other", "plain", "", ""),
		row("posed", DefaultOwner, "posing", "", ""), row("me", DefaultOwner, "plain", "", ""),
		row("inmine", DefaultOwner, "plain", "minepod", ""), row("hold", "", "plain", "minepod", `,"IsInfra":true`),
		row("intheirs", DefaultOwner, "plain", "theirpod", ""), row("holdt", "", "plain", "theirpod", `,"IsInfra":true`),
		row("inmixed", "", "plain", "mixedpod", ""), row("mepod1", DefaultOwner, "plain", "mepod", ""), row("holdme", DefaultOwner, "plain", "mepod", `,"IsInfra":true`),
	}
	me := id("me")
	rows[10] = strings.Replace(rows[10], id("mepod1"), me[:63]+"f", 1) // shares all digits that a host's name tells
	pod := func(name, owner, infra string) string {
		return fmt.Sprintf(`{"Id":"%s","Name":"%s","Status":"Exited","Labels":{"%s":"%s"},"InfraId":"%s","Containers":[]}`, id(name), name, parse.OwnerLabel, owner, infra)
	}
	pods := []string{pod("minepod", DefaultOwner, id("hold")), pod("theirpod", "", id("holdt")), pod("mixedpod", DefaultOwner, ""), pod("mepod", DefaultOwner, "")}
	list := func(items ...string) string { return "[" + strings.Join(items, ",") + "]" }
	volume := func(name, owner string) string {
		return `{"Name":"` + name + `","Labels":{"` + parse.OwnerLabel + `":"` + owner + `"}}`
	}
	network := func(name, owner string) string {
		return `{"name":"` + name + `","id":"` + id(name) + `","labels":{"` + parse.OwnerLabel + `":"` + owner + `"}}`
	}
	for name, text := range map[string]string{
		"podman": scopePodman, "ps": list(rows...), "users": list(rows[1]), "pods": list(pods...),
		"ours":     list(strings.Replace(rows[0], `"Labels":{`, `"Labels":{"com.docker.compose.project":"ours","com.docker.compose.service":"a",`, 1)),
		"labelled": list(`{"Id":"` + id("posing") + `"}`),
		"images":   list(`{"Id":"` + id("plain") + `","Names":["localhost/plain:1"]}`),
		"volumes":  list(volume("minevol", DefaultOwner), volume("theirvol", "")),
		"networks": list(network("minenet", DefaultOwner), network("theirnet", "")),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if scope.Self != "" {
		scope.Self = me[:12]
	}
	return crowd{&Host{Runner: &exec.Runner{Podman: filepath.Join(dir, "podman")}, Scope: scope, holes: holes{builder: "4.3.1"}}, dir}
}

// call gives the failure, nil where there is none, and what podman was asked
// that may change something.
func (c crowd) call(t *testing.T, tool, arguments string) (f *parse.Failure, changes []string) {
	t.Helper()
	_ = os.Remove(filepath.Join(c.dir, "asked"))
	call := &Call{Host: c.host, Progress: func(context.Context, string, float64, float64) {}}
	_, err := toolNamed(t, tool).run(t.Context(), call, json.RawMessage(arguments))
	errors.As(err, &f)
	text, _ := os.ReadFile(filepath.Join(c.dir, "asked")) // none where nothing was asked
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if !slices.Contains([]string{"ps", "images", "version", "info", "inspect"}, words[0]) &&
			!slices.Contains([]string{"ps", "ls", "inspect", "exists"}, words[1]) {
			changes = append(changes, strings.TrimSpace(line))
		}
	}
	return f, changes
}

const podYAML = `kind: Pod\nmetadata: {name: %s}\nspec: {containers: [{name: web, image: web}]}`

// changing are calls that change the container, or with a P the pod, called %s.
func changing() map[string][]string {
	containers := func(more string) []string { return []string{`{"containers":["%s"]` + more + `}`} }
	pods := []string{`{"pods":["%sP"]}`}
	return map[string][]string{
		"podman_stop": containers(""), "podman_start": containers(""), "podman_restart": containers(""), "podman_rm": containers(`,"force":true`),
		"podman_kill": containers(""), "podman_pause": containers(""), "podman_unpause": containers(""),
		"podman_rename":             {`{"container":"%s","name":"new"}`},
		"podman_update":             {`{"container":"%s","memory":"64m"}`},
		"podman_commit":             {`{"container":"%s","image":"x","pause":true}`},
		"podman_exec":               {`{"container":"%s","command":["true"]}`, `{"container":"%s","command":["true"],"detach":true}`},
		"podman_cp":                 {`{"container":"%s","path":"/x","content":"x"}`, `{"container":"%s","path":"/x","from":"codes_test.go"}`},
		"podman_network_connect":    {`{"container":"%s","network":"minenet"}`},
		"podman_network_disconnect": {`{"container":"%s","network":"minenet"}`},
		"podman_run":                {`{"image":"localhost/plain:1","name":"%s","replace":true,"pull":"never"}`},
		"podman_pod_start":          pods, "podman_pod_stop": pods, "podman_pod_restart": pods, "podman_pod_rm": {`{"pods":["%sP"],"force":true}`},
		"podman_kube_down": {`{"yaml":"` + strings.ReplaceAll(podYAML, "%s", "%sP") + `"}`},
		"podman_kube_play": {`{"yaml":"` + strings.ReplaceAll(podYAML, "%s", "%sP") + `","replace":true}`},
	}
}

// elsewhere are tools that change things and are tried in another way, or that
// change neither containers nor pods.
func elsewhere() []string {
	return []string{
		"podman_rmi", "podman_volume_rm", "podman_network_rm", "podman_volume_prune", "podman_network_prune", "podman_system_prune", "podman_machine_stop", // TestScopeRest
		"podman_compose_up", "podman_compose_down", "podman_compose_start", "podman_compose_stop", "podman_compose_restart", "podman_compose_exec", // TestScopeCompose, compose
		"podman_pod_create", "podman_volume_create", "podman_network_create", "podman_secret_create", "podman_secret_rm", "podman_volume_import", "podman_volume_export",
		"podman_pull", "podman_push", "podman_tag", "podman_untag", "podman_build", "podman_save", "podman_load", "podman_farm_build",
		"podman_manifest_create", "podman_manifest_add", "podman_manifest_push", "podman_compose_pull", "podman_compose_build",
		"podman_machine_start", "podman_machine_set", // of one that does not run
		"podman_kube_apply", "podman_kube_generate", "podman_quadlet_install", "podman_quadlet_rm", // a cluster's, systemd's
	}
}

func of(arguments, name string) string {
	arguments = strings.ReplaceAll(arguments, "%sP", name+"pod")
	return strings.ReplaceAll(arguments, "%s", name)
}

// TestScope: what this server did not make, and what it runs in, is changed by
// no tool, and what it made by every one.
func TestScope(t *testing.T) {
	tried := changing()
	for _, tool := range All() {
		switch _, ok := tried[tool.Name]; {
		case tool.Effect != Reads && !ok && !slices.Contains(elsewhere(), tool.Name):
			t.Errorf("%s changes things and is tried nowhere", tool.Name)
		case ok && slices.Contains(elsewhere(), tool.Name):
			t.Errorf("%s is tried after all", tool.Name)
		}
	}
	for name, calls := range tried {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, arguments := range calls {
				own, all := newCrowd(t, Scope{Own: true, Self: "me"}), newCrowd(t, Scope{Self: "me"})
				names := []string{"theirs", "other", "posed"}
				if strings.Contains(arguments, "%sP") {
					names = []string{"their", "mixed"}
				}
				for _, no := range names {
					f, changes := own.call(t, name, of(arguments, no))
					if f == nil || f.Code != parse.PolicyDenied || !f.Refused() || !strings.Contains(f.Message, "--scope own") || len(changes) > 0 {
						t.Errorf("%s: %v, podman was asked %q", of(arguments, no), f, changes)
					}
					if _, changes := all.call(t, name, of(arguments, no)); len(changes) == 0 {
						t.Errorf("%s with scope all: podman was asked nothing", of(arguments, no))
					}
				}
				if f, changes := own.call(t, name, of(arguments, "mine")); len(changes) == 0 {
					t.Errorf("%s: %v, podman was asked nothing", of(arguments, "mine"), f)
				}
				for _, c := range []crowd{own, all} {
					f, changes := c.call(t, name, of(arguments, "me"))
					pod := strings.Contains(arguments, "%sP")
					if f == nil || f.Code != parse.PolicyDenied || !strings.Contains(f.Message, "this server runs in") || pod && f.Subject != "mepod" || len(changes) > 0 {
						t.Errorf("%s: %v, podman was asked %q", of(arguments, "me"), f, changes)
					}
				}
			}
		})
	}
}

// TestScopeRest: what would go along with something else, and prunes.
func TestScopeRest(t *testing.T) {
	own, all := newCrowd(t, Scope{Own: true}), newCrowd(t, Scope{})
	for tool, arguments := range map[string]string{
		"podman_rmi":          `{"images":["localhost/plain:1"],"force":true}`,
		"podman_volume_rm":    `{"volumes":["minevol"],"force":true}`,
		"podman_network_rm":   `{"networks":["minenet"],"force":true}`,
		"podman_run":          `{"image":"localhost/plain:1","pod":"theirpod","pull":"never"}`,
		"podman_machine_stop": `{}`,
		"podman_system_prune": `{"what":["images"],"all":true,"dry_run":false}`,
		"podman_kube_down":    `{"yaml":"kind: Pod\nmetadata: {name: nosuch}\n---\nkind: PersistentVolumeClaim\nmetadata: {name: theirvol}","force":true}`,
	} {
		f, changes := own.call(t, tool, arguments)
		if f == nil || f.Code != parse.PolicyDenied || len(changes) > 0 {
			t.Errorf("%s: %v, podman was asked %q", tool, f, changes)
		}
		if _, changes := all.call(t, tool, arguments); len(changes) == 0 {
			t.Errorf("%s with scope all: podman was asked nothing", tool)
		}
	}
	for arguments, want := range map[string][]string{
		`podman_volume_prune {"dry_run":false}`:                       {"volume rm -- minevol"},
		`podman_network_prune {"dry_run":false}`:                      {"network rm -- minenet"},
		`podman_system_prune {"dry_run":false,"what":["containers"]}`: {"rm -- 6d696e65", "rm -- 6d65"},
		`podman_system_prune {"dry_run":false}`:                       {"rm -- 6d696e65", "rm -- 6d65", "network rm -- minenet"},
	} {
		tool, arguments, _ := strings.Cut(arguments, " ")
		f, changes := own.call(t, tool, arguments)
		if !slices.EqualFunc(changes, want, strings.HasPrefix) {
			t.Errorf("%s: %v, podman was asked %q", tool, f, changes)
		}
	}
	// What holds the server's pod together is left alone as well.
	if f, changes := newCrowd(t, Scope{Self: "me"}).call(t, "podman_kill", `{"containers":["holdme"]}`); f == nil || !strings.Contains(f.Message, "this server runs in") || len(changes) > 0 {
		t.Errorf("%v, podman was asked %q", f, changes)
	}
	// Also the server's own container is left where it has ended.
	c := newCrowd(t, Scope{Own: true, Self: "me"})
	if _, changes := c.call(t, "podman_system_prune", `{"dry_run":false,"what":["containers"]}`); len(changes) != 1 {
		t.Errorf("podman was asked %q", changes)
	}
	for _, tool := range []string{"podman_volume_rm", "podman_network_rm", "podman_rmi"} {
		c := newCrowd(t, Scope{Self: "me"})
		text, err := os.ReadFile(filepath.Join(c.dir, "ps"))
		if err == nil {
			err = os.WriteFile(filepath.Join(c.dir, "users"), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		arguments := map[string]string{"podman_volume_rm": `{"volumes":["minevol"],"force":true}`,
			"podman_network_rm": `{"networks":["minenet"],"force":true}`, "podman_rmi": `{"images":["localhost/plain:1"],"force":true}`}[tool]
		if f, changes := c.call(t, tool, arguments); f == nil || !strings.Contains(f.Message, "this server runs in") || len(changes) > 0 {
			t.Errorf("%s: %v, podman was asked %q", tool, f, changes)
		}
	}
}

// TestScopeCompose: a project of somebody else's stays, found by its name.
func TestScopeCompose(t *testing.T) {
	for tool, more := range map[string]string{"podman_compose_down": "", "podman_compose_stop": "", "podman_compose_start": "", "podman_compose_restart": "",
		"podman_compose_exec": `,"service":"a","command":["true"]`} {
		for name, change := range map[string]func(string) string{
			"theirs": func(s string) string { return strings.ReplaceAll(s, DefaultOwner, "other") },
			"me":     func(s string) string { return strings.ReplaceAll(s, `"Id":"6d696e65`, `"Id":"6d6520202020`) },
		} {
			c := newCrowd(t, Scope{Own: name == "theirs", Self: strings.TrimPrefix(name, "theirs")})
			for _, file := range []string{"ours", "ps"} {
				text, err := os.ReadFile(filepath.Join(c.dir, file))
				if err != nil {
					t.Fatal(err)
				}
				changed := strings.ReplaceAll(change(string(text)), "exited", "running")
				if err := os.WriteFile(filepath.Join(c.dir, file), []byte(changed), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f, changes := c.call(t, tool, `{"project_name":"ours"`+more+`}`)
			if f == nil || f.Code != parse.PolicyDenied || len(changes) > 0 {
				t.Errorf("%s of %s: %v, podman was asked %q", tool, name, f, changes)
			}
		}
		if _, changes := newCrowd(t, Scope{Own: true}).call(t, tool, `{"project_name":"ours"`+more+`}`); len(changes) == 0 && tool != "podman_compose_exec" {
			t.Errorf("%s: podman was asked nothing", tool)
		}
	}
}

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

// onePodman has one of everything. It notes what it is asked, and only looks.
const onePodman = `#!/bin/sh
cd '%s'
[ "$1" != --remote ] || shift 2
echo "$*" >>argv
case "$*" in
ps\ *network=net*|ps\ *volume=data*|ps\ *ancestor=*|ps\ --all\ --format=json|ps\ *project=shop*|ps\ *--size*)
  echo '[{"Id":"WEB","Names":["web"],"State":"exited","ImageID":"IMG","Created":1700000000,"Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"web"}}]' | sed "s/WEB/$(printf '%%064d' 1)/; s/IMG/$(printf '%%064d' 5)/";;
"pod ps "*) echo '[{"Id":"POD","Name":"shop","Status":"Exited","Containers":[{"Id":"DB","Names":"shop-db","Status":"exited"}]}]' | sed "s/POD/$(printf '%%064d' 2)/; s/DB/$(printf '%%064d' 3)/";;
"volume ls "*json) echo '[{"Name":"data","Driver":"local","CreatedAt":"2026-01-01T00:00:00Z"}]';;
"volume ls "*) echo data;;
"network ls "*json) echo '[{"name":"net","id":"NET","driver":"bridge"}]' | sed "s/NET/$(printf '%%064d' 4)/";;
"network ls "*) echo net;;
"images "*) echo '[{"Id":"IMG","Names":["localhost/app:latest"],"Containers":1,"Created":1700000000,"Size":9,"Dangling":false}]' | sed "s/IMG/$(printf '%%064d' 5)/";;
"system connection list "*) echo '[{"Name":"lab","URI":"ssh://lab/run/podman.sock","Default":true},{"Name":"shop","URI":"ssh://shop/run/podman.sock"}]';;
"secret ls "*) echo '{"Name":"key"}';;
esac
`

// neverAsks are the tools that end, overwrite or may remove something and do not
// ask, each with the reason.
func neverAsks() map[string]string {
	const goesOn = "what it ends can be started again"
	const program = "it runs a program or writes files, as it is told to; podman removes nothing"
	return map[string]string{
		"podman_stop": goesOn, "podman_restart": goesOn, "podman_kill": goesOn, "podman_pod_stop": goesOn, "podman_pod_restart": goesOn,
		"podman_compose_stop": goesOn, "podman_compose_restart": goesOn, "podman_machine_stop": goesOn,
		"podman_network_disconnect": "it can be connected again",
		"podman_untag":              "the image stays, with its id",
		"podman_exec":               program, "podman_compose_exec": program, "podman_cp": program, "podman_volume_import": program,
		"podman_kube_apply": "the cluster has its own say",
	}
}

// Every tool that removes asks, with the names of all that would go, and before
// podman was told to do anything.
func TestEveryToolConfirms(t *testing.T) {
	const shop = `"yaml": "kind: Pod\nmetadata: {name: shop}\nspec: {containers: [{name: web, image: web}], volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]}\n---\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n---\nkind: Secret\nmetadata: {name: key}\ndata: {}"`
	tests := []struct{ tool, arguments, question string }{
		{"podman_rm", `{"containers": ["web", "web", "gone"]}`, "Remove container web with what was written inside"},
		{"podman_rm", `{"containers": ["web"], "volumes": true, "force": true}`, "Remove container web with what was written inside and in their unnamed volumes"},
		{"podman_rm", `{"containers": ["web"], "connection": "lab"}`, "Remove container web with what was written inside, on the connection lab"},
		{"podman_rmi", `{"images": ["app"]}`, "Remove image app"},
		{"podman_rmi", `{"images": ["app"], "force": true}`, "Remove image app and container web"},
		{"podman_volume_rm", `{"volumes": ["data"]}`, "Remove volume data with all their data"},
		{"podman_volume_rm", `{"volumes": ["data"], "force": true}`, "Remove volume data and container web with all their data"},
		{"podman_network_rm", `{"networks": ["net"]}`, "Remove network net"},
		{"podman_network_rm", `{"networks": ["net"], "force": true}`, "Remove network net and container web"},
		{"podman_secret_rm", `{"secrets": ["key"]}`, "Remove secret key with what they hold"},
		{"podman_pod_rm", `{"pods": ["shop"]}`, "Remove pod shop and container shop-db and all that is in them"},
		{"podman_volume_prune", `{"dry_run": false}`, "Remove the unused volume data with all that is in them"},
		{"podman_network_prune", `{"dry_run": false}`, "Remove the unused network net with all that is in them"},
		{"podman_system_prune", `{"dry_run": false, "all": true, "what": ["containers", "networks", "volumes", "images"]}`,
			"Remove the unused container web and network net and volume data and image localhost/app:latest with all that is in them"},
		{"podman_compose_down", `{"project_name": "shop"}`, "Take down the project shop and remove container web and network net with all that is in them"},
		{"podman_compose_down", `{"project_name": "shop", "volumes": true}`,
			"Take down the project shop and remove container web and network net and volume data with all that is in them"},
		{"podman_kube_down", `{` + shop + `}`, "Remove pod shop and container shop-db and secret key and all that is in them"},
		{"podman_kube_down", `{` + shop + `, "force": true}`, "Remove pod shop and container shop-db and secret key and volume data and all that is in them"},
		{"podman_kube_play", `{` + shop + `, "replace": true}`, "Remove pod shop and container shop-db and secret key and all that is in them"},
		{"podman_quadlet_rm", `{"names": ["web.container"]}`, "Remove unit file web.container"},
		{"podman_run", `{"image": "app", "name": "web", "replace": true}`, "Remove container web with what was written inside, to replace it"},
	}
	for _, test := range tests {
		t.Run(test.tool+" "+test.question, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := withOne(t, dir)
			if err := os.WriteFile(filepath.Join(dir, "web.container"), []byte("[Container]\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := toolNamed(t, test.tool).route(t.Context(), c, json.RawMessage(test.arguments))
			var q *question
			if !errors.As(err, &q) || q.text != test.question {
				t.Fatalf("got %v, %v\nwant to be asked %q", out, err, test.question)
			}
			var f *parse.Failure
			if !errors.As(err, &f) || f.Code != parse.ConfirmationNeeded || out != nil {
				t.Errorf("got %v, %v", out, err)
			}
			asked, err := os.ReadFile(filepath.Join(dir, "argv"))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(asked)) {
				words := strings.Fields(line)
				if !strings.HasPrefix(line, "system connection list ") && !slices.Contains([]string{"ps", "images"}, words[0]) && !slices.Contains([]string{"ps", "ls", "inspect", "exists"}, words[1]) {
					t.Errorf("podman was told: %s", line)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "web.container")); err != nil {
				t.Error(err)
			}
		})
	}
	asks := map[string]bool{}
	for _, test := range tests {
		asks[test.tool] = true
	}
	for _, tool := range All() {
		switch removes, why := tool.Effect == Removes || tool.Destructive, neverAsks()[tool.Name]; {
		case asks[tool.Name] && why != "":
			t.Errorf("%s asks after all", tool.Name)
		case removes && !asks[tool.Name] && why == "":
			t.Errorf("does %s ask?", tool.Name)
		}
	}
}

// withOne is a call where the user is asked, of onePodman in dir.
func withOne(t *testing.T, dir string) *Call {
	t.Helper()
	podman := filepath.Join(dir, "podman")
	if err := os.WriteFile(podman, fmt.Appendf(nil, onePodman, dir), 0o700); err != nil {
		t.Fatal(err)
	}
	return &Call{Host: &Host{Runner: &exec.Runner{Podman: podman}, Confirm: true, Units: dir, holes: holes{builder: "4.3.1"}},
		Progress: func(context.Context, string, float64, float64) {}}
}

// A run that is to replace what is not there asks nothing, and replaces nothing
// that gets the name before podman runs.
func TestConfirmReplaceNothing(t *testing.T) {
	dir := t.TempDir()
	// Podman's stand-in makes nothing, and so the call fails in the end.
	_, _ = podmanRun.route(t.Context(), withOne(t, dir), json.RawMessage(`{"image": "app", "name": "api", "replace": true}`))
	asked, err := os.ReadFile(filepath.Join(dir, "argv"))
	if err != nil || !strings.Contains(string(asked), "\nrun --detach --name=api ") || strings.Contains(string(asked), "--replace") {
		t.Errorf("podman was told: %s, %v", asked, err)
	}
}

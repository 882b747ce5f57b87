package compose

import (
	"context"
	"errors"
	"strings"
	"testing"

	"podman-mcp/parse"
)

// strict changes only what bears the label.
func strict() Keeper {
	return Keeper{Label: "owner=me", Must: true, May: func(_ context.Context, list []parse.Container) error {
		for _, c := range list {
			if c.Labels["owner"] != "me" {
				return &parse.Failure{Code: parse.PolicyDenied, Message: c.Name}
			}
		}
		return nil
	}}
}

func outOfScope(err error) bool {
	var f *parse.Failure
	return errors.As(err, &f) && f.Code == parse.PolicyDenied && f.Refused()
}

// What is made bears the label, whether or not anything else may be changed.
func TestKeeperMarks(t *testing.T) {
	for _, k := range []Keeper{{Label: "owner=me"}, strict()} {
		f, dir := shopFake(t, says103)
		if _, err := Up(t.Context(), f.runner(), Auto, UpOptions{File: dir, Detach: true, Keeper: k}, quiet); outOfScope(err) {
			t.Error(err)
		}
		if got := strings.Join(f.called("podman-compose --podman-path="+f.dir+"/podman --file"), "\n"); !strings.Contains(got, " --podman-run-args=--label=owner=me --podman-run-args=--http-proxy=false up ") {
			t.Errorf("called %q", got)
		}
	}
	f, dir := shopFake(t, saysDocker)
	if _, err := Up(t.Context(), f.runner(), Podman, UpOptions{File: dir, Detach: true, Keeper: strict()}, quiet); !outOfScope(err) {
		t.Errorf("docker-compose: %v", err)
	}
	if got := f.called("podman compose --file"); len(got) > 0 {
		t.Errorf("called %q", got)
	}
}

// A project of somebody else's is neither brought up further nor taken down,
// and neither is what has no container to tell whose it is.
func TestKeeperKeeps(t *testing.T) {
	for more, refused := range map[string]bool{"": true, `"owner":"me"`: false} {
		dir := shopFolder(t)
		f := downFake(t, dir, "compose.yaml")
		f.says("podman.ps", ps(row("shop", "web", "shop_web_1", "running", 0, more)))
		began := func() int {
			return len(f.called("podman-compose --podman-path="+f.dir+"/podman --file", "podman rm", "podman stop", "podman network rm", "podman volume rm"))
		}
		if _, err := Up(t.Context(), f.runner(), Auto, UpOptions{File: dir, Detach: true, Keeper: strict()}, quiet); outOfScope(err) != refused || (began() == 0) != refused {
			t.Errorf("up with %s: %v, %d", more, err, began())
		}
		for _, o := range []DownOptions{{File: dir}, {Project: "shop"}} {
			f = downFake(t, dir, "compose.yaml")
			f.says("podman.ps", ps(row("shop", "web", "shop_web_1", "running", 0, more)))
			o.Keeper = strict()
			if _, err := Down(t.Context(), f.runner(), Auto, o, quiet); outOfScope(err) != refused || (began() == 0) != refused {
				t.Errorf("down with %s: %v, %d", more, err, began())
			}
		}
	}
	f := downFake(t, shopFolder(t), "")
	f.says("podman.ps", "[]")
	if _, err := Down(t.Context(), f.runner(), Auto, DownOptions{Project: "shop", Volumes: true, Keeper: strict()}, quiet); !outOfScope(err) ||
		len(f.called("podman network rm", "podman volume rm")) > 0 {
		t.Errorf("of a project without containers: %v", err)
	}
}

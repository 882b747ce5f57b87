package compose

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"podman-mcp/parse"
)

// downFake is a machine where the project shop runs, made from files in dir.
func downFake(t *testing.T, dir, files string) *fake {
	t.Helper()
	f := newFake(t, "podman", "podman-compose")
	f.says("podman-compose.version", says103)
	labels := fmt.Sprintf(`"com.docker.compose.project.working_dir":%q,"com.docker.compose.project.config_files":%q`, dir, files)
	f.says("podman.ps", ps(row("shop", "web", "shop_web_1", "running", 0, labels)))
	f.says("podman.ps.after", "[]")
	f.says("podman.network-ls", "shop_default\n")
	f.says("podman.network-ls.after", "")
	f.says("podman.volume-ls", "shop_data\n")
	return f
}

func TestDownCommandLine(t *testing.T) {
	dir := shopFolder(t)
	if err := os.WriteFile(filepath.Join(dir, "other.yaml"), []byte("services: {web: {tty: true}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const own = "podman-compose --podman-path=PODMAN "
	for name, c := range map[string]struct {
		o     DownOptions
		files string
		want  []string
	}{
		"the file":                {DownOptions{File: dir}, "", []string{own + "--file=compose.yaml --podman-path=PRIVATE/podman --project-name=shop down"}},
		"the name, by its labels": {DownOptions{Project: "shop", Volumes: true}, "compose.yaml", []string{own + "--file=compose.yaml --podman-path=PRIVATE/podman --project-name=shop down --volumes"}},
		"two files":               {DownOptions{Project: "shop"}, "compose.yaml," + dir + "/other.yaml", nil},
		"docker-compose's labels": {DownOptions{Project: "shop"}, "/var/tmp/podman-mcp-compose-1/compose/compose.yaml", []string{own + "--file=compose.yaml --podman-path=PRIVATE/podman --project-name=shop down"}},
		"a file that is gone":     {DownOptions{Project: "shop"}, "gone.yaml", nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := downFake(t, dir, c.files)
			_, _ = Down(t.Context(), f.runner(), Auto, c.o, quiet)
			got := f.called("podman-compose --podman-path=" + f.dir + "/podman --file")
			for i := range c.want {
				c.want[i] = strings.NewReplacer("PODMAN", f.dir+"/podman", "DIR", dir).Replace(c.want[i])
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestDownResult(t *testing.T) {
	f := downFake(t, shopFolder(t), "compose.yaml")
	out, err := Down(t.Context(), f.runner(), Auto, DownOptions{Project: "shop"}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(out.Project, out.Removed); got != "shop{[shop_web_1] [shop_default] []}" {
		t.Errorf("got %s", got)
	}
	if out.Note != "Volumes are kept: shop_data." {
		t.Errorf("note %q", out.Note)
	}
	if removed := f.called("podman volume rm"); len(removed) > 0 {
		t.Errorf("ran %q", removed)
	}
}

// What the provider leaves is removed, and what cannot be is named.
func TestDownLeaves(t *testing.T) {
	f := downFake(t, shopFolder(t), "compose.yaml")
	f.says("podman.ps.after", ps(row("shop", "old", "shop_old_1", "running", 0, "")))
	f.says("podman.network-ls.after", "shop_default\n")
	f.says("podman.network-rm.fails", "Error: \"shop_default\" has associated containers with it. Use -f to forcibly delete containers and pods: network is being used\n")
	out, err := Down(t.Context(), f.runner(), Auto, DownOptions{Project: "shop", Volumes: true}, quiet)
	failure := asFailure(t, err)
	for _, word := range []string{"of the project shop is left", "container shop_old_1", "network shop_default (", "volume shop_data"} {
		if failure.Code != parse.ComposeFailed || !strings.Contains(failure.Message, word) {
			t.Errorf("%s: %q does not say %q", failure.Code, failure.Message, word)
		}
	}
	if got := fmt.Sprint(out.Removed.Containers); got != "[shop_web_1]" {
		t.Errorf("removed %s", got)
	}
	id := strings.Repeat("0", 64-len(fmt.Sprintf("%x", "shop_old_1"))) + fmt.Sprintf("%x", "shop_old_1")
	for _, want := range []string{"podman stop -- " + id, "podman rm --volumes -- " + id, "podman network rm -- shop_default", "podman volume rm -- shop_data"} {
		if !slices.Contains(f.called("podman "), want) {
			t.Errorf("did not run %s", want)
		}
	}
}

// A container_name of the file may be someone else's container: then the
// provider, which goes by names, does not run.
func TestDownSparesOthers(t *testing.T) {
	dir := folder(t, "shop", "compose.yaml", "services: {web: {image: x, container_name: shared}}\n")
	f := downFake(t, dir, "compose.yaml")
	f.says("podman.ps", ps(row("shop", "web", "shop_web_1", "running", 0, ""), row("other", "web", "shared", "running", 0, "")))
	out, err := Down(t.Context(), f.runner(), Auto, DownOptions{File: dir}, quiet)
	if got := f.called("podman-compose --podman-path=" + f.dir + "/podman --file"); len(got) > 0 {
		t.Errorf("ran %q", got)
	}
	// ps of the stand-in knows no filter: all that matters here is who is meant.
	if !strings.Contains(out.Note, "shared") {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestDownUnknown(t *testing.T) {
	f := newFake(t, "podman")
	f.says("podman.ps", "[]")
	_, err := Down(t.Context(), f.runner(), Auto, DownOptions{Project: "shop"}, quiet)
	if failure := asFailure(t, err); failure.Code != parse.InvalidParams || !strings.Contains(failure.Message, "no project shop here; there are: none") {
		t.Errorf("%v", err)
	}
	out, err := Down(t.Context(), f.runner(), Auto, DownOptions{File: shopFolder(t)}, quiet)
	if err != nil || out.Removed.Containers == nil || out.Removed.Networks == nil || out.Removed.Volumes == nil {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = Down(t.Context(), f.runner(), Auto, DownOptions{File: filepath.Join(t.TempDir(), "gone.yaml")}, quiet)
	if failure := asFailure(t, err); failure.Code != parse.InvalidParams {
		t.Errorf("%v", err)
	}
}

func TestDownWithoutProvider(t *testing.T) {
	dir := shopFolder(t)
	f := downFake(t, dir, "compose.yaml")
	f.says("podman-compose.version.fails", "Traceback\n")
	f.says("podman-compose.version", "nothing\n")
	f.says("podman.compose-version.fails", "Error: unrecognized command `podman compose`\n")
	out, _ := Down(t.Context(), f.runner(), Auto, DownOptions{Project: "shop"}, quiet)
	if !strings.Contains(out.Note, "no compose provider") || len(f.called("podman rm")) == 0 {
		t.Errorf("%+v, ran %q", out, f.called("podman "))
	}
}

// Anyone can make a container whose labels name a file: it is read where the
// call may read it.
func TestDownReadsNoPrivateFileOfLabels(t *testing.T) {
	dir := shopFolder(t)
	allow := func(_, path string) error {
		return &parse.Failure{Code: parse.PolicyDenied, Message: path + " is private"}
	}
	for _, trust := range []bool{false, true} {
		f := downFake(t, dir, "compose.yaml")
		out, _ := Down(t.Context(), f.runner(), Auto, DownOptions{Project: "shop", Allow: allow, Permits: trusting(trust)}, quiet)
		if got := f.called("podman-compose --podman-path=" + f.dir + "/podman --file"); len(got) > 0 || !strings.Contains(out.Note, "is private") {
			t.Errorf("ran %q, with the note %q", got, out.Note)
		}
		if got := f.called("podman rm"); len(got) == 0 {
			t.Error("nothing was removed")
		}
	}
}

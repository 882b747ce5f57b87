package compose

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"podman-mcp/parse"
)

const (
	builtID = "1111111111111111111111111111111111111111111111111111111111111111"
	olderID = "2222222222222222222222222222222222222222222222222222222222222222"
	steps   = "STEP 1/1: FROM scratch\nCOMMIT\n"
)

func imageOf(id string) string { return fmt.Sprintf(`[{"Id":%q,"Size":7,"RepoTags":["x"]}]`, id) }

// The image tells whether it was built: an old podman-compose always ends with 0.
func TestBuildJudges(t *testing.T) {
	for name, c := range map[string]struct {
		version, says, fails, image string
		ok                          bool
	}{
		"built":                    {says103, steps + builtID + "\nexit code: 0\n", "", imageOf(builtID), true},
		"failed, an older image":   {says103, steps + "Error: building at STEP \"RUN x\": exit status 1\nexit code: 125\n", "", imageOf(olderID), false},
		"failed, no image":         {says103, steps + "Error: building at STEP \"RUN x\": exit status 1\nexit code: 125\n", "", "", false},
		"a step that prints Error": {says103, steps + "Error: is what this step is called\n" + builtID + "\nexit code: 0\n", "", imageOf(builtID), true},
		"a new provider":           {says150, "whatever it prints\n", "", imageOf(builtID), true},
		"a new provider failed":    {says150, "", "Error: building at STEP \"RUN x\": exit status 1\n", imageOf(olderID), false},
		"a new provider, no image": {says150, "", "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, "podman", "podman-compose")
			f.says("podman-compose.version", c.version)
			if c.fails != "" {
				f.says("podman-compose.build.fails", c.fails)
			} else {
				f.says("podman-compose.build", c.says)
			}
			if c.image != "" {
				f.says("podman.image-inspect", c.image)
			} else {
				f.says("podman.image-inspect.fails", "Error: shop_web: image not known\n")
			}
			dir := folder(t, "shop", "compose.yaml", "services: {web: {build: .}, db: {image: x}}\n")
			out, err := Build(t.Context(), f.runner(), Auto, BuildOptions{FileOptions: FileOptions{File: dir}, NoCache: true}, quiet)
			if err != nil || len(out.Built) != 1 {
				t.Fatalf("got %+v, %v", out, err)
			}
			b := out.Built[0]
			if b.Service != "web" || b.Image != "shop_web" || (b.Failure == nil) != c.ok || c.ok && b.ID != builtID[:12] {
				t.Errorf("got %+v, want ok %v", b, c.ok)
			}
			if !c.ok && (b.Failure.Code != parse.ComposeFailed || !strings.Contains(b.Failure.Message, "web")) {
				t.Errorf("failure %v", b.Failure)
			}
			want := "podman-compose --podman-path=" + f.dir + "/podman --file=compose.yaml --podman-path=PRIVATE/podman --project-name=shop build --no-cache -- web"
			if got := f.called("podman-compose --podman-path=" + f.dir + "/podman --file"); !slices.Equal(got, []string{want}) {
				t.Errorf("ran %q", got)
			}
		})
	}
}

func TestServiceImages(t *testing.T) {
	f := newFake(t, "podman")
	dir := folder(t, "shop", "compose.yaml", "services: {web: {build: ., image: own}, db: {image: x, platform: linux/arm64, depends_on: [web]}}\n")
	for want, services := range map[string][]string{"[{db x linux/arm64 false} {web own  true}]": nil, "[{db x linux/arm64 false}]": {"db"}} {
		_, images, err := Images(t.Context(), f.runner(), FileOptions{File: dir, Services: services})
		if got := fmt.Sprint(images); err != nil || got != want {
			t.Errorf("%v: got %s, %v; want %s", services, got, err, want)
		}
	}
}

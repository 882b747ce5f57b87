package compose

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"podman-mcp/parse"
)

// created is a row with the second in which the container was made.
func created(second int, row string) string {
	return strings.Replace(row, `"Ports":[]`, fmt.Sprintf(`"Ports":[],"Created":%d`, second), 1)
}

func TestLook(t *testing.T) {
	dir := shopFolder(t)
	rows := ps(created(7, row("shop", "web", "shop_web_1", "running", 0, "")), created(5, row("shop", "zoo", "shop_zoo_1", "exited", 1, "")),
		created(6, row("shop", "db", "shop_db_1", "running", 0, "")), created(6, row("shop", "cache", "shop_cache_1", "running", 0, "")),
		created(8, row("other", "web", "other_web_1", "running", 0, "")))
	for name, c := range map[string]struct {
		t    Target
		want string
	}{
		"in the order they were made":      {Target{Project: "shop"}, "shop: shop_zoo_1 shop_db_1 shop_cache_1 shop_web_1"},
		"by the file":                      {Target{File: dir}, "shop: shop_zoo_1 shop_db_1 shop_cache_1 shop_web_1"},
		"some services":                    {Target{Project: "shop", Services: []string{"web", "db"}}, "shop: shop_db_1 shop_web_1"},
		"a service that only the file has": {Target{File: dir, Services: []string{"seed"}}, "shop:"},
		"the name goes before the file":    {Target{File: filepath.Join(dir, "nothing"), Project: "other"}, "other: other_web_1"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, "podman")
			f.says("podman.ps", rows)
			m, err := Look(t.Context(), f.runner(), c.t)
			if err != nil {
				t.Fatal(err)
			}
			got := m.Project + ":"
			for _, row := range m.Containers {
				got += " " + row.Name
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	for name, c := range map[string]struct {
		t     Target
		names string
	}{
		"no such project":             {Target{Project: "shpo"}, "other, shop"},
		"no such service":             {Target{Project: "shop", Services: []string{"wbe"}}, "cache, db, web, zoo"},
		"no such service in the file": {Target{File: dir, Services: []string{"wbe"}}, "cache, db, inspector, seed, web, zoo"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, "podman")
			f.says("podman.ps", rows)
			_, err := Look(t.Context(), f.runner(), c.t)
			if got := asFailure(t, err); got.Code != parse.InvalidParams || !strings.HasSuffix(got.Message, ": "+c.names) {
				t.Errorf("got %v, want the names %s", got, c.names)
			}
		})
	}
}

// Lines of a service that has several containers bear the container's name.
func TestNamed(t *testing.T) {
	f := newFake(t, "podman")
	f.says("podman.ps", ps(row("shop", "web", "shop_web_1", "running", 0, ""), row("shop", "web", "shop_web_2", "running", 0, ""), row("shop", "db", "shop_db_1", "running", 0, "")))
	m, err := Look(t.Context(), f.runner(), Target{Project: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	names := m.Named()
	for _, c := range m.Containers {
		want := map[string]string{"shop_web_1": "shop_web_1", "shop_web_2": "shop_web_2", "shop_db_1": "db"}[c.Name]
		if names[c.FullID] != want {
			t.Errorf("%s is called %s, want %s", c.Name, names[c.FullID], want)
		}
	}
}

func TestProjects(t *testing.T) {
	labels := func(dir, files string) string {
		return fmt.Sprintf(`"com.docker.compose.project.working_dir":%q,"com.docker.compose.project.config_files":%q`, dir, files)
	}
	f := newFake(t, "podman")
	f.says("podman.ps", ps(row("shop", "web", "shop_web_1", "running", 0, labels("/srv/shop", "a.yaml,/srv/b.yaml")), row("shop", "db", "shop_db_1", "exited", 0, ""),
		row("jobs", "seed", "jobs_seed_1", "exited", 0, labels("relative", "x.yaml")), row("", "", "alone", "running", 0, "")))
	list, err := Projects(t.Context(), f.runner())
	if err != nil {
		t.Fatal(err)
	}
	want := "[{jobs 0 1  } {shop 1 2 /srv/shop/a.yaml,/srv/b.yaml /srv/shop}]"
	if got := fmt.Sprint(list); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

package tools

import (
	"slices"
	"strings"
	"testing"
)

// What the operator's words choose of a small table.
func TestSelection(t *testing.T) {
	table := []Tool{
		{Name: "podman_ps", Toolset: Containers, Default: true, Effect: Reads},
		{Name: "podman_rm", Toolset: Containers, Default: true, Effect: Removes},
		{Name: "podman_top", Toolset: Containers, Effect: Reads},
		{Name: "podman_images", Toolset: Images, Default: true, Effect: Reads},
		{Name: "podman_save", Toolset: Images, Effect: Changes},
	}
	for _, c := range []struct {
		name   string
		chosen Selection
		want   string // or the error
	}{
		{"nothing", Selection{}, "podman_ps podman_rm podman_images"},
		{"default", Selection{Toolsets: []string{"default"}}, "podman_ps podman_rm podman_images"},
		{"all", Selection{Toolsets: []string{"all"}}, "podman_ps podman_rm podman_top podman_images podman_save"},
		{"one toolset", Selection{Toolsets: []string{"images"}}, "podman_images podman_save"},
		{"two that meet", Selection{Toolsets: []string{"default", "images"}}, "podman_ps podman_rm podman_images podman_save"},
		{"a tool alone", Selection{Tools: []string{"podman_top"}}, "podman_top"},
		{"a tool beside", Selection{Toolsets: []string{"default"}, Tools: []string{"top"}}, "podman_ps podman_rm podman_top podman_images"},
		{"without", Selection{Toolsets: []string{"containers"}, Without: []string{"rm"}}, "podman_ps podman_top"},
		{"without beats with", Selection{Tools: []string{"rm", "ps"}, Without: []string{"rm"}}, "podman_ps"},
		{"read only", Selection{Toolsets: []string{"all"}, ReadOnly: true}, "podman_ps podman_top podman_images"},
		{"read only beats a name", Selection{Tools: []string{"ps", "save"}, ReadOnly: true}, "podman_ps"},
		{"no such toolset", Selection{Toolsets: []string{"image"}}, `there is no toolset "image"; there are default, all, containers, images`},
		{"no such tool", Selection{Tools: []string{"rmm"}}, `there is no tool "rmm"; did you mean podman_rm`},
		{"no such tool to leave out", Selection{Without: []string{"rmm"}}, `there is no tool "rmm"`},
		{"nothing left", Selection{Tools: []string{"rm"}, ReadOnly: true}, "no tool is left"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, err := c.chosen.Of(table)
			var names []string
			for _, tool := range list {
				names = append(names, tool.Name)
			}
			got := strings.Join(names, " ")
			if err != nil {
				got = err.Error()
			}
			if got != c.want && (err == nil || !strings.HasPrefix(got, c.want)) {
				t.Errorf("got %s; want %s", got, c.want)
			}
		})
	}
}

// The default toolset is for models that do well with few tools.
func TestDefaultToolset(t *testing.T) {
	list, err := Selection{}.Of(All())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) > 30 {
		t.Errorf("%d tools, more than 30", len(list))
	}
	var names []string
	for _, tool := range list {
		names = append(names, strings.TrimPrefix(tool.Name, "podman_"))
	}
	want := strings.Fields(defaultTools)
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("the default tools are\n%v; want\n%v", names, want)
	}
}

// defaultTools are those that were asked for.
const defaultTools = "ps run start stop restart rm logs inspect exec wait stats cp images pull build push tag rmi compose_up compose_down " +
	"compose_ps compose_logs volume_ls network_ls info events system_df system_prune"

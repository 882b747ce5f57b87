package tools

import (
	"slices"
	"testing"
)

// TestLists: what a tool lists is counted, and says whether it was cut, unless the caller's own list says how long it
// is or it is one of the details of a single thing.
func TestLists(t *testing.T) {
	details := map[string]string{ // bounded in parse, see Shown
		"podman_inspect":        "a single thing",
		"podman_run":            "its ports",
		"podman_pod_create":     "its ports",
		"podman_build":          "its tags",
		"podman_network_create": "its subnets",
		"podman_system_df":      "three kinds of things",
	}
	for _, tool := range All() {
		input, output := tool.Schemas()
		counted := output.Properties["total"] != nil && output.Properties["truncated"] != nil
		for name, p := range output.Properties {
			switch {
			case p.Type != "array" || counted || details[tool.Name] != "":
			case name == "service_names" && output.Properties["truncated"] != nil: // those of a text that tells the rest
			case slices.ContainsFunc(input.PropertyOrder, func(in string) bool {
				return input.Properties[in].Type == "array" && input.Properties[in].MinItems != nil
			}):
			default:
				t.Errorf("%s: %s has neither total nor truncated", tool.Name, name)
			}
		}
	}
}

// TestRows: what is too long is cut, the bad first.
func TestRows(t *testing.T) {
	list := make([]int, 150)
	for i := range list {
		list[i] = i
	}
	var r Rows
	cut(&r, &list, func(i int) bool { return i < 140 })
	if r != (Rows{150, true}) || len(list) != mostRows || list[0] != 140 || list[9] != 149 || list[10] != 0 {
		t.Errorf("%+v, %v", r, list)
	}
	few := []string{"b", "a"}
	r = Rows{}
	r.names(&few)
	if r != (Rows{2, false}) || few[0] != "b" {
		t.Errorf("%+v, %v", r, few)
	}
}

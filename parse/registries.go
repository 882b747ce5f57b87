package parse

import "github.com/tidwall/gjson"

// Registries reads from podman info --format json the registries in which podman looks for a short name, in
// their order. It gives none where out is no JSON.
func Registries(out []byte) []string {
	list := []string{}
	if valid(out) {
		for _, v := range gjson.GetBytes(out, "registries.search").Array() {
			list = append(list, Clean(v.String()))
		}
	}
	return list
}

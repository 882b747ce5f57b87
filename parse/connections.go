package parse

import "github.com/tidwall/gjson"

// Connections reads the names of podman system connection list --format json, in its order.
func Connections(out []byte) ([]string, error) {
	names := []string{}
	err := eachRow("podman's connections", out, func(row gjson.Result) {
		if name := clean(row.Get("Name")); name != "" {
			names = append(names, name)
		}
	})
	return names, err
}

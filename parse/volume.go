package parse

import (
	"cmp"
	"slices"

	"github.com/tidwall/gjson"
)

// Volume is one row of podman volume ls.
type Volume struct {
	Name      string            `json:"name"`
	Driver    string            `json:"driver,omitempty"`
	Created   string            `json:"created,omitempty"`
	Anonymous bool              `json:"anonymous,omitempty"` // podman made up its name, for one container
	Labels    map[string]string `json:"labels,omitempty"`    // secrets masked
	Owner     string            `json:"-"`                   // see OwnerLabel
}

// Volumes reads podman volume ls --format json, by name, the anonymous ones last.
func Volumes(out []byte) ([]Volume, error) {
	list := []Volume{}
	err := eachRow("a list of volumes", out, func(row gjson.Result) {
		list = append(list, Volume{
			Name:      clean(row.Get("Name")),
			Driver:    clean(row.Get("Driver")),
			Created:   inspectTime(row.Get("CreatedAt").Str),
			Anonymous: row.Get("Anonymous").Bool(),
			Labels:    boundMap(maskLabels(textMap(row.Get("Labels")))),
			Owner:     textMap(row.Get("Labels"))[OwnerLabel],
		})
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Volume) int {
		if a.Anonymous != b.Anonymous {
			return map[bool]int{true: 1, false: -1}[a.Anonymous]
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return list, nil
}

package parse

import (
	"cmp"
	"slices"

	"github.com/tidwall/gjson"
)

// Network is one row of podman network ls.
type Network struct {
	Name       string            `json:"name"`
	ID         string            `json:"id,omitempty"` // the first 12 characters
	Driver     string            `json:"driver,omitempty"`
	Subnets    []string          `json:"subnets,omitempty"`
	Internal   bool              `json:"internal,omitempty"` // no way out of it
	DNSEnabled bool              `json:"dns_enabled"`        // containers find each other by name
	Labels     map[string]string `json:"labels,omitempty"`   // secrets masked
	Owner      string            `json:"-"`                  // see OwnerLabel

	FullID string `json:"-"`
}

// Networks reads podman network ls --format json, by name.
func Networks(out []byte) ([]Network, error) {
	list := []Network{}
	err := eachRow("a list of networks", out, func(row gjson.Result) {
		n := Network{
			Name:       clean(row.Get("name")),
			FullID:     clean(row.Get("id")),
			Driver:     clean(row.Get("driver")),
			Internal:   row.Get("internal").Bool(),
			DNSEnabled: row.Get("dns_enabled").Bool(),
			Labels:     boundMap(maskLabels(textMap(row.Get("labels")))),
			Owner:      textMap(row.Get("labels"))[OwnerLabel],
		}
		n.ID = short(n.FullID)
		each(row.Get("subnets"), func(_, s gjson.Result) bool {
			n.Subnets = append(n.Subnets, clean(s.Get("subnet")))
			return true
		})
		list = append(list, n)
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Network) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

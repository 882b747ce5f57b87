package parse

import "github.com/tidwall/gjson"

// Found is one image that a registry knows.
type Found struct {
	Index       string   `json:"index,omitempty"` // the registry
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"` // at most 200 bytes
	Stars       int64    `json:"stars,omitempty"`       // only docker.io gives them
	Official    bool     `json:"official,omitempty"`
	Tags        []string `json:"tags,omitempty"` // where tags were asked for
}

const maxDescription = 200 // bytes

// Search reads podman search --format json, with --list-tags too. Podman prints nothing at all where nothing was
// found.
func Search(out []byte) ([]Found, error) {
	list := []Found{}
	err := eachRow("a list of found images", out, func(row gjson.Result) {
		list = append(list, Found{
			Index:       clean(row.Get("Index")),
			Name:        clean(row.Get("Name")),
			Description: cutBytes(Mask(oneLine(clean(row.Get("Description")))), maxDescription),
			Stars:       row.Get("Stars").Int(),
			Official:    row.Get("Official").Str != "", // "[OK]"
			Tags:        cleanList(row.Get("Tags")),
		})
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

package parse

import (
	"slices"

	"github.com/tidwall/gjson"
)

// Image is one image, however many names it has.
type Image struct {
	ID         string   `json:"id"` // the first 12 characters
	Names      []string `json:"names"`
	SizeBytes  int64    `json:"size_bytes"`
	Created    string   `json:"created,omitempty"`
	Containers int      `json:"containers"` // how many containers use it
	Dangling   bool     `json:"dangling,omitempty"`

	FullID      string `json:"-"`
	Digest      string `json:"-"` // sha256:…
	CreatedUnix int64  `json:"-"`
}

// Images reads podman images --format json, newest first. Podman repeats the row of an image for each tag, each
// time with all names: here it is one row.
func Images(out []byte) ([]Image, error) {
	list := []Image{}
	seen := make(map[string]int)
	err := eachRow("a list of images", out, func(row gjson.Result) {
		m := image(row)
		if at, ok := seen[m.FullID]; ok && m.FullID != "" {
			for _, name := range m.Names {
				if !slices.Contains(list[at].Names, name) {
					list[at].Names = append(list[at].Names, name)
				}
			}
			list[at].Dangling = list[at].Dangling && len(list[at].Names) == 0
			return
		}
		seen[m.FullID] = len(list)
		list = append(list, m)
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Image) int { return compareInt(b.CreatedUnix, a.CreatedUnix) })
	return list, nil
}

func image(row gjson.Result) Image {
	m := Image{Names: []string{}}
	row.ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "Id":
			m.FullID = clean(v)
		case "Names":
			each(v, func(_, e gjson.Result) bool {
				m.Names = append(m.Names, clean(e))
				return true
			})
		case "Size":
			m.SizeBytes = v.Int()
		case "Created":
			m.CreatedUnix = created(v)
		case "Containers":
			m.Containers = int(v.Int())
		case "Dangling":
			m.Dangling = v.Bool()
		case "Digest":
			m.Digest = clean(v)
		}
		return true
	})
	m.ID = short(m.FullID)
	m.Created = unixTime(m.CreatedUnix)
	if len(m.Names) > 0 {
		m.Dangling = false
	}
	return m
}

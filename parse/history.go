package parse

import (
	"strings"

	"github.com/tidwall/gjson"
)

// HistoryLayer is one step of how an image was made.
type HistoryLayer struct {
	ID        string `json:"id,omitempty"` // the first 12 characters of the image that the step left behind; most steps leave none
	Created   string `json:"created,omitempty"`
	CreatedBy string `json:"created_by,omitempty"` // the step, masked, at most 300 bytes
	SizeBytes int64  `json:"size_bytes"`
	Comment   string `json:"comment,omitempty"` // masked, at most 100 bytes
	Empty     bool   `json:"empty,omitempty"`   // it holds no files, such as that of ENV
}

const (
	maxCreatedBy = 300 // bytes
	maxComment   = 100 // bytes
)

// History reads podman history --format json, the newest step first. Podman 4 writes the object's key created twice,
// in full and, with a capital, in seconds.
func History(out []byte) ([]HistoryLayer, error) {
	list := []HistoryLayer{}
	err := eachRow("an image's history", out, func(row gjson.Result) {
		layer := HistoryLayer{
			Created:   inspectTime(row.Get("created").Str),
			CreatedBy: cutBytes(Mask(oneLine(clean(row.Get("CreatedBy")))), maxCreatedBy),
			SizeBytes: row.Get("size").Int(),
			Comment:   cutBytes(Mask(oneLine(clean(row.Get("comment")))), maxComment),
		}
		if id := clean(row.Get("id")); id != "<missing>" {
			layer.ID = short(id)
		}
		layer.Empty = layer.SizeBytes == 0
		list = append(list, layer)
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// oneLine makes one line of a script of several, for a list.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

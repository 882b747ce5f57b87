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
			CreatedBy: cutBytes(maskStep(oneLine(clean(row.Get("CreatedBy")))), maxCreatedBy),
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

var (
	stepValues = Lazily(`^(?:/bin/sh -c )?(?:#\(nop\) +)?(?:(?:ENV|ARG|LABEL) |\|[0-9]+ )`)
	valueEnd   = Lazily(` /bin/sh -c | [A-Za-z_][A-Za-z0-9_.-]*=`)
)

// maskStep masks a step. One that sets values writes them without quotes, so that a secret of several words ends
// where the next value, or the shell that is given it, begins.
func maskStep(step string) string {
	if !stepValues().MatchString(step) {
		return Mask(step)
	}
	var b strings.Builder
	for {
		m := assignment().FindStringSubmatchIndex(step)
		if m == nil || m[10] < 0 || strings.ContainsAny(step[m[12]:m[12]+1], `"'`) {
			return b.String() + Mask(step)
		}
		b.WriteString(Mask(step[:m[10]]) + step[m[10]:m[12]])
		secret := SecretKey(step[m[10]:m[11]])
		step = step[m[12]:]
		end := valueEnd().FindStringIndex(step)
		if end == nil {
			end = []int{len(step)}
		}
		if secret {
			b.WriteString(mask)
		} else {
			b.WriteString(Mask(step[:end[0]]))
		}
		if step = step[end[0]:]; !strings.Contains(step, "=") || strings.HasPrefix(step, " /bin/sh") {
			return b.String() + Mask(step)
		}
	}
}

// oneLine makes one line of a script of several, for a list.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

package parse

import (
	"strings"

	"github.com/tidwall/gjson"
)

// DiskUse is what one kind of things takes on the disk.
type DiskUse struct {
	Type             string `json:"type"` // images, containers or volumes
	Total            int    `json:"total"`
	Active           int    `json:"active"` // in use: running, or by a container
	SizeBytes        int64  `json:"size_bytes"`
	ReclaimableBytes int64  `json:"reclaimable_bytes"` // what a prune of all that is unused would free
}

// DiskUses reads podman system df --format {{json .}}: JSON lines with numbers in podman 4, and since 5.0 with text
// for people beside RawSize and RawReclaimable.
func DiskUses(out []byte) ([]DiskUse, error) {
	list := []DiskUse{}
	err := eachRow("what takes disk space", out, func(row gjson.Result) {
		use := DiskUse{
			Type:   strings.TrimPrefix(strings.ToLower(clean(row.Get("Type"))), "local "),
			Total:  int(row.Get("Total").Int()),
			Active: int(row.Get("Active").Int()),
		}
		size, free := row.Get("RawSize"), row.Get("RawReclaimable")
		if !size.Exists() {
			size, free = row.Get("Size"), row.Get("Reclaimable")
		}
		use.SizeBytes, use.ReclaimableBytes = size.Int(), free.Int()
		list = append(list, use)
	})
	return list, err
}

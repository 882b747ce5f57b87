package parse

import (
	"net/url"

	"github.com/tidwall/gjson"
)

// Connection is one of the podman services that podman knows, such as another machine's.
type Connection struct {
	Name    string `json:"name"`
	URI     string `json:"uri"` // without a password
	Default bool   `json:"default"`
	Machine bool   `json:"machine,omitempty"` // it leads to a virtual machine of podman's; never with podman 4.3
}

// Connections reads podman system connection list --format json, in its order.
func Connections(out []byte) ([]Connection, error) {
	list := []Connection{}
	err := eachRow("podman's connections", out, func(row gjson.Result) {
		c := Connection{
			Name:    clean(row.Get("Name")),
			URI:     Mask(clean(row.Get("URI"))),
			Default: row.Get("Default").Bool(),
			Machine: row.Get("IsMachine").Bool(),
		}
		if at, err := url.Parse(c.URI); err == nil {
			c.URI = at.Redacted()
		}
		if c.Name != "" {
			list = append(list, c)
		}
	})
	return list, err
}

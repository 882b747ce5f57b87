package parse

import (
	"strconv"
	"strings"
)

// Mapping is one port of a container that is open on the host.
type Mapping struct {
	ContainerPort int    `json:"container_port"`
	Protocol      string `json:"protocol"`
	HostIP        string `json:"host_ip"` // 0.0.0.0 is every address
	HostPort      int    `json:"host_port"`
}

var mapping = Lazily(`^([0-9]{1,5})/([a-z]+) -> (\S*):([0-9]{1,5})$`)

// Mappings reads podman port of one container, a line a port, such as
// "80/tcp -> 127.0.0.1:8080". Nothing is no port.
func Mappings(out []byte) ([]Mapping, error) {
	list := []Mapping{}
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		m := mapping().FindStringSubmatch(line)
		if m == nil {
			return nil, OutputInvalidError("a list of ports", []byte(line), nil)
		}
		inside, _ := strconv.Atoi(m[1]) // five digits
		outside, _ := strconv.Atoi(m[4])
		list = append(list, Mapping{inside, m[2], Clean(strings.Trim(m[3], "[]")), outside})
	}
	return list, nil
}

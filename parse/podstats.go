package parse

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// PodStat is what one container of a pod uses at a moment.
type PodStat struct {
	Pod              string  `json:"pod"` // the first 12 characters of its id
	Container        string  `json:"container"`
	ID               string  `json:"id"`
	Running          bool    `json:"running"`
	CPUPercent       float64 `json:"cpu_percent"` // of one processor, since the container's start
	MemoryBytes      int64   `json:"memory_bytes"`
	MemoryLimitBytes int64   `json:"memory_limit_bytes"` // the host's memory where there is no limit
	MemoryPercent    float64 `json:"memory_percent"`
	NetworkInBytes   int64   `json:"network_in_bytes"` // of the pod's shared network, the same for each member
	NetworkOutBytes  int64   `json:"network_out_bytes"`
	BlockReadBytes   int64   `json:"block_read_bytes"`
	BlockWriteBytes  int64   `json:"block_write_bytes"`
	PIDs             int     `json:"pids"`
}

// PodStats reads podman pod stats --no-stream --format json, by pod and container. Every podman prints what it
// would display, such as "2.003MB / 67.11MB", which is exact to four digits, and "--" for what it cannot tell.
func PodStats(out []byte) ([]PodStat, error) {
	list := []PodStat{}
	bad := false
	err := eachRow("what pods use", out, func(row gjson.Result) {
		s, ok := podStat(row)
		bad = bad || !ok
		list = append(list, s)
	})
	if err == nil && bad {
		err = OutputInvalidError("what pods use", out, nil)
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b PodStat) int {
		return strings.Compare(a.Pod+" "+a.Container, b.Pod+" "+b.Container)
	})
	return list, nil
}

func podStat(row gjson.Result) (PodStat, bool) {
	s := PodStat{
		Pod:       short(clean(row.Get("Pod"))),
		Container: clean(row.Get("Name")),
		ID:        short(clean(row.Get("CID"))),
	}
	var oks [5]bool
	s.CPUPercent, oks[0] = shownPercent(row.Get("CPU"))
	s.MemoryPercent, oks[1] = shownPercent(row.Get("Mem"))
	s.MemoryBytes, s.MemoryLimitBytes, oks[2] = shownPair(row.Get("MemUsage"))
	s.NetworkInBytes, s.NetworkOutBytes, oks[3] = shownPair(row.Get("NetIO"))
	s.BlockReadBytes, s.BlockWriteBytes, oks[4] = shownPair(row.Get("BlockIO"))
	s.PIDs, _ = strconv.Atoi(clean(row.Get("PIDS"))) // "--" of what does not run
	s.Running = s.PIDs > 0 || s.MemoryBytes > 0
	return s, s.Pod != "" && s.ID != "" && !slices.Contains(oks[:], false)
}

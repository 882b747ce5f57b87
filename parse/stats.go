package parse

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Stat is what one container uses at a moment. What is left out is 0: a
// container that does not run uses nothing.
type Stat struct {
	ID               string  `json:"id"`
	Name             string  `json:"name"`
	Running          bool    `json:"running"`
	CPUPercent       float64 `json:"cpu_percent"` // of one processor, since the container's start
	CPUSeconds       float64 `json:"cpu_seconds,omitempty"`
	MemoryBytes      int64   `json:"memory_bytes"`
	MemoryLimitBytes int64   `json:"memory_limit_bytes,omitempty"` // the host's memory where there is no limit
	MemoryPercent    float64 `json:"memory_percent,omitempty"`
	NetworkInBytes   int64   `json:"network_in_bytes,omitempty"`
	NetworkOutBytes  int64   `json:"network_out_bytes,omitempty"`
	BlockReadBytes   int64   `json:"block_read_bytes,omitempty"`
	BlockWriteBytes  int64   `json:"block_write_bytes,omitempty"`
	PIDs             int     `json:"pids,omitempty"`

	busy, at int64 // nanoseconds of processor time, and the moment that it was read at
}

// Stats reads podman stats --no-stream --format {{json .ContainerStats}}, a line
// a container, the busiest first. Podman's own {{json .}} has numbers only since
// 4.4, before that words such as "2.003MB / 67.11MB".
func Stats(out []byte) ([]Stat, error) {
	list := []Stat{}
	bad := false
	err := eachRow("what containers use", out, func(row gjson.Result) {
		s, ok := stat(row)
		bad = bad || !ok
		list = append(list, s)
	})
	if err != nil {
		return nil, err
	}
	if bad {
		return nil, OutputInvalidError("what containers use", out, nil)
	}
	slices.SortStableFunc(list, Stat.Compare)
	return list, nil
}

// Compare orders the busiest first.
func (s Stat) Compare(other Stat) int {
	return cmp.Or(cmp.Compare(other.CPUPercent, s.CPUPercent), cmp.Compare(other.MemoryBytes, s.MemoryBytes), strings.Compare(s.Name, other.Name))
}

// stat reads a row. The network is one sum before podman 5.0, and since then a
// list of interfaces.
func stat(row gjson.Result) (Stat, bool) {
	s := Stat{
		ID:               short(clean(row.Get("ContainerID"))),
		Name:             clean(row.Get("Name")),
		CPUPercent:       hundredths(row.Get("CPU").Num),
		MemoryBytes:      row.Get("MemUsage").Int(),
		MemoryLimitBytes: row.Get("MemLimit").Int(),
		MemoryPercent:    hundredths(row.Get("MemPerc").Num),
		NetworkInBytes:   row.Get("NetInput").Int(),
		NetworkOutBytes:  row.Get("NetOutput").Int(),
		BlockReadBytes:   row.Get("BlockInput").Int(),
		BlockWriteBytes:  row.Get("BlockOutput").Int(),
		PIDs:             int(row.Get("PIDs").Int()),

		busy: row.Get("CPUNano").Int(),
		at:   row.Get("SystemNano").Int(),
	}
	s.CPUSeconds = finite(float64(s.busy) / 1e9)
	each(row.Get("Network"), func(_, card gjson.Result) bool {
		s.NetworkInBytes += card.Get("RxBytes").Int()
		s.NetworkOutBytes += card.Get("TxBytes").Int()
		return true
	})
	s.Running = s.PIDs > 0 || s.MemoryBytes > 0
	return s, s.ID != "" && row.Get("MemUsage").Type == gjson.Number
}

// Since is the processor time that a container took between an earlier measure
// and s, in percent of one processor; false where it was started anew meanwhile.
func (s Stat) Since(earlier Stat) (percent float64, ok bool) {
	busy, time := s.busy-earlier.busy, s.at-earlier.at
	if busy < 0 || time <= 0 || earlier.at <= 0 {
		return 0, false
	}
	return hundredths(100 * float64(busy) / float64(time)), true
}

// hundredths rounds a percentage.
func hundredths(n float64) float64 { return finite(math.Round(n*100) / 100) }

// finite gives 0 for what JSON cannot write.
func finite(n float64) float64 {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return 0
	}
	return n
}

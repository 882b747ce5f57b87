package parse

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Stat is what one container uses at a moment. A container that does not run
// uses nothing.
type Stat struct {
	ID               string  `json:"id"`
	Name             string  `json:"name"`
	Running          bool    `json:"running"`
	CPUPercent       float64 `json:"cpu_percent"` // of one processor, since the container's start
	CPUSeconds       float64 `json:"cpu_seconds"`
	MemoryBytes      int64   `json:"memory_bytes"`
	MemoryLimitBytes int64   `json:"memory_limit_bytes"` // the host's memory where there is no limit
	MemoryPercent    float64 `json:"memory_percent"`
	NetworkInBytes   int64   `json:"network_in_bytes"`
	NetworkOutBytes  int64   `json:"network_out_bytes"`
	BlockReadBytes   int64   `json:"block_read_bytes"`
	BlockWriteBytes  int64   `json:"block_write_bytes"`
	PIDs             int     `json:"pids"`
}

// Stats reads podman stats --no-stream --format {{json .}}, by name: numbers as
// JSON lines since podman 4.4, and in 4.3 an array of what it would display,
// such as "2.003MB / 67.11MB", which is exact to four digits.
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
	slices.SortStableFunc(list, func(a, b Stat) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

func stat(row gjson.Result) (s Stat, ok bool) {
	if row.Get("cpu_percent").Exists() {
		s, ok = shownStat(row)
	} else {
		s, ok = countedStat(row)
	}
	s.Running = s.PIDs > 0 || s.MemoryBytes > 0
	return s, ok && s.ID != ""
}

// countedStat has numbers. The network is one sum before podman 5.0, and since
// then a list of interfaces.
func countedStat(row gjson.Result) (Stat, bool) {
	s := Stat{
		ID:               short(clean(row.Get("ContainerID"))),
		Name:             clean(row.Get("Name")),
		CPUPercent:       hundredths(row.Get("CPU").Num),
		CPUSeconds:       finite(row.Get("CPUNano").Num / 1e9),
		MemoryBytes:      row.Get("MemUsage").Int(),
		MemoryLimitBytes: row.Get("MemLimit").Int(),
		MemoryPercent:    hundredths(row.Get("MemPerc").Num),
		NetworkInBytes:   row.Get("NetInput").Int(),
		NetworkOutBytes:  row.Get("NetOutput").Int(),
		BlockReadBytes:   row.Get("BlockInput").Int(),
		BlockWriteBytes:  row.Get("BlockOutput").Int(),
		PIDs:             int(row.Get("PIDs").Int()),
	}
	each(row.Get("Network"), func(_, card gjson.Result) bool {
		s.NetworkInBytes += card.Get("RxBytes").Int()
		s.NetworkOutBytes += card.Get("TxBytes").Int()
		return true
	})
	return s, row.Get("MemUsage").Type == gjson.Number
}

// shownStat has display strings.
func shownStat(row gjson.Result) (s Stat, ok bool) {
	var oks [5]bool
	s.ID, s.Name = short(clean(row.Get("id"))), clean(row.Get("name"))
	s.CPUPercent, oks[0] = shownPercent(row.Get("cpu_percent"))
	s.MemoryPercent, oks[1] = shownPercent(row.Get("mem_percent"))
	s.MemoryBytes, s.MemoryLimitBytes, oks[2] = shownPair(row.Get("mem_usage"))
	s.NetworkInBytes, s.NetworkOutBytes, oks[3] = shownPair(row.Get("net_io"))
	s.BlockReadBytes, s.BlockWriteBytes, oks[4] = shownPair(row.Get("block_io"))
	if d, err := time.ParseDuration(clean(row.Get("cpu_time"))); err == nil {
		s.CPUSeconds = d.Seconds()
	}
	s.PIDs, _ = strconv.Atoi(clean(row.Get("pids")))
	return s, !slices.Contains(oks[:], false)
}

// shownPercent reads "0.02%", and "--" as 0.
func shownPercent(v gjson.Result) (percent float64, ok bool) {
	text := clean(v)
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	return hundredths(n), err == nil || text == "--"
}

// shownPair reads "866B / 15.44kB", and "--" or "-- / --" as 0.
func shownPair(v gjson.Result) (first, second int64, ok bool) {
	text := clean(v)
	if text == "--" || strings.HasPrefix(text, "-- ") {
		return 0, 0, true
	}
	a, b, _ := strings.Cut(text, " / ")
	first, okFirst := humanSize(a)
	second, okSecond := humanSize(b)
	return first, second, okFirst && okSecond
}

// humanSize reads go-units' human size, in powers of 1000, such as "16.39kB".
func humanSize(text string) (bytes int64, ok bool) {
	i := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if i <= 0 {
		return 0, false
	}
	n, err := strconv.ParseFloat(text[:i], 64)
	exponent := slices.Index([]string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}, text[i:])
	if err != nil || exponent < 0 {
		return 0, false
	}
	n *= math.Pow(1000, float64(exponent))
	if n >= math.MaxInt64 {
		return math.MaxInt64, true
	}
	return int64(math.Round(n)), true
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

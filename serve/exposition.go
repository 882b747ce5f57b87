package serve

import (
	"fmt"
	"strconv"
	"strings"
)

// exposition is a page in Prometheus' text format 0.0.4, which every scraper
// takes. Prometheus' own client needs protobuf to write the same, a tenth of
// this program.
type exposition struct{ strings.Builder }

const expositionType = "text/plain; version=0.0.4; charset=utf-8"

// family begins a metric, whose values follow. Its kind is counter, gauge,
// histogram or summary.
func (e *exposition) family(name, kind, help string) {
	fmt.Fprintf(e, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// value writes one value of the family; labels are names and values in turn.
func (e *exposition) value(name string, v float64, labels ...string) {
	e.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		before := ","
		if i == 0 {
			before = "{"
		}
		fmt.Fprintf(e, `%s%s="%s"`, before, labels[i], labelEscapes.Replace(labels[i+1]))
	}
	if len(labels) > 0 {
		e.WriteByte('}')
	}
	fmt.Fprintf(e, " %s\n", decimal(v))
}

// single is a metric of one value without labels.
func (e *exposition) single(name, kind, help string, v float64) {
	e.family(name, kind, help)
	e.value(name, v)
}

// histogram writes counts of what was at most each bound, and more than the one
// before; the last is of what was more than all.
func (e *exposition) histogram(name string, bounds []float64, counts []int64, sum float64, labels ...string) {
	total := int64(0)
	for i, n := range counts {
		total += n
		le := "+Inf"
		if i < len(bounds) {
			le = decimal(bounds[i])
		}
		e.value(name+"_bucket", float64(total), append(labels[:len(labels):len(labels)], "le", le)...)
	}
	e.value(name+"_sum", sum, labels...)
	e.value(name+"_count", float64(total), labels...)
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// labelEscapes are the format's, which are not Go's.
var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

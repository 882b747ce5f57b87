package main

import (
	"fmt"
	"slices"
	"time"
)

// contender does the same thing as the others, and says how many milliseconds
// it took.
type contender func() (ms float64, err error)

// turns has each contender in turn, so many rounds; who begins changes with the
// round. The first rounds warm what there is to warm and do not count. A nil
// contender has no times.
func turns(rounds int, contenders ...contender) ([][]float64, error) {
	warm := min(2, rounds/3)
	times := make([][]float64, len(contenders))
	for round := range rounds + warm {
		for k := range contenders {
			k = (k + round) % len(contenders)
			if contenders[k] == nil {
				continue
			}
			ms, err := contenders[k]()
			if err != nil {
				return nil, err
			}
			if round >= warm {
				times[k] = append(times[k], ms)
			}
		}
	}
	return times, nil
}

// paired is the median of f over the pairs.
func paired(a, b []float64, f func(a, b float64) float64) float64 {
	var list []float64
	for i := range min(len(a), len(b)) {
		list = append(list, f(a[i], b[i]))
	}
	return median(list)
}

func ratio(a, b float64) float64      { return a / b }
func difference(a, b float64) float64 { return a - b }

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

func since(begin time.Time) float64 { return between(begin, time.Now()) }

func between(from, to time.Time) float64 { return float64(to.Sub(from)) / float64(time.Millisecond) }

// ms writes a time with three digits that count; "" where there is none.
func ms(times []float64) string {
	if len(times) == 0 {
		return ""
	}
	return number(median(times)) + " ms"
}

func number(n float64) string {
	switch {
	case n >= 100:
		return fmt.Sprintf("%.0f", n)
	case n >= 10:
		return fmt.Sprintf("%.1f", n)
	}
	return fmt.Sprintf("%.2f", n)
}

func megabytes(bytes float64) string { return number(bytes/1e6) + " MB" }

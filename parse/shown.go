package parse

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

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

package tools

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// UnmarshalText refuses what Go's notation does not mean, and zero.
func (v *Duration) UnmarshalText(text []byte) error {
	*v = Duration(text)
	d, err := time.ParseDuration(string(text))
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is no duration above zero", text)
	}
	return nil
}

// Value is 0 where nothing was given.
func (v Duration) Value() time.Duration { d, _ := time.ParseDuration(string(v)); return d }

// maxPatience bounds what one call may hold: podman runs a few such at a time.
const maxPatience = 10 * time.Minute

// UnmarshalText refuses zero and more than ten minutes.
func (v *Patience) UnmarshalText(text []byte) error {
	*v = Patience(text)
	if d := v.Value(); d <= 0 || d > maxPatience {
		return fmt.Errorf("%q is not above zero and at most %s", text, maxPatience)
	}
	return nil
}

// Value is 0 where nothing was given.
func (v Patience) Value() time.Duration { d, _ := time.ParseDuration(string(v)); return d }

// point is the moment itself; a duration is so long ago.
func (v Moment) point(now time.Time) time.Time {
	if d, err := time.ParseDuration(string(v)); err == nil {
		return now.Add(-d)
	}
	if at, err := time.Parse(time.RFC3339Nano, string(v)); err == nil {
		return at
	}
	seconds, _ := strconv.ParseFloat(string(v), 64) // UnmarshalText lets nothing else through
	return time.Unix(int64(seconds), 0)
}

// until is v as podman's --until reads it: there a duration lies in the future,
// and an hour ago is -1h.
func (v Moment) until() string {
	if _, err := time.ParseDuration(string(v)); err == nil {
		return "-" + string(v)
	}
	return string(v)
}

// UnmarshalText refuses what podman's --since does not read the same way in
// every version and subcommand, such as days or a time without a zone.
func (v *Moment) UnmarshalText(text []byte) error {
	*v = Moment(text)
	s := string(text)
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return nil
	}
	if _, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return nil
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && n > 1e8 && n < 1e11 && !strings.ContainsAny(s, "eExX") {
		return nil
	}
	return fmt.Errorf("%q is no duration above zero, no RFC 3339 time and no Unix time in seconds", s)
}

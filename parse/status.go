package parse

import (
	"fmt"
	"strings"
	"time"
)

// StatusAt is the status that podman ps would tell at a moment, and until when it stays so; zero for as long as
// the container stays as it is. Only the age in it changes: "Up 2 minutes", up to 4.x "Up 2 minutes ago".
func (c Container) StatusAt(now time.Time) (status string, until time.Time) {
	before, after, ok := c.aged()
	if !ok {
		return c.Status, time.Time{}
	}
	since := time.Unix(c.sinceUnix, 0)
	age, next := humanAge(now.Sub(since))
	return before + age + after, since.Add(next)
}

// StatusLasts tells whether [Container.StatusAt] knows what becomes of the status, which podman told at some
// moment from begin to end.
func (c Container) StatusLasts(begin, end time.Time) bool {
	if _, _, ok := c.aged(); !ok {
		switch c.State {
		case "running", "exited", "stopped":
			return false
		}
		return !strings.ContainsAny(c.Status, "0123456789")
	}
	for at := begin; ; at = at.Add(time.Second) {
		if at.After(end) {
			at = end
		}
		if status, _ := c.StatusAt(at); status == c.Status {
			return true
		}
		if at.Equal(end) {
			return false
		}
	}
}

// aged are the words around the age in a status.
func (c Container) aged() (before, after string, ok bool) {
	switch {
	case c.sinceUnix <= 0:
		return "", "", false
	case c.State == "running":
		before = "Up "
	case c.ExitCode != nil:
		before = fmt.Sprintf("Exited (%d) ", *c.ExitCode)
	}
	if strings.HasSuffix(c.Status, " ago") {
		after = " ago"
	}
	return before, after, before != "" && strings.HasPrefix(c.Status, before)
}

// humanAge is an age in podman's words, go-units' HumanDuration, and an age up to which it stays so.
func humanAge(d time.Duration) (words string, next time.Duration) {
	const day = 24 * time.Hour
	whole := func(unit time.Duration) time.Duration { return d.Truncate(unit) + unit }
	seconds, minutes, hours := int(d.Seconds()), int(d.Minutes()), int(d.Hours()+0.5)
	rounded := (d + 30*time.Minute).Truncate(time.Hour) + 30*time.Minute
	switch {
	case d < time.Second:
		return "Less than a second", time.Second
	case seconds == 1:
		return "1 second", whole(time.Second)
	case seconds < 60:
		return fmt.Sprintf("%d seconds", seconds), whole(time.Second)
	case minutes == 1:
		return "About a minute", whole(time.Minute)
	case minutes < 60:
		return fmt.Sprintf("%d minutes", minutes), whole(time.Minute)
	case hours == 1:
		return "About an hour", rounded
	case hours < 48:
		return fmt.Sprintf("%d hours", hours), rounded
	case hours < 24*7*2:
		return fmt.Sprintf("%d days", hours/24), rounded
	case hours < 24*30*2:
		return fmt.Sprintf("%d weeks", hours/24/7), rounded
	case hours < 24*365*2:
		return fmt.Sprintf("%d months", hours/24/30), rounded
	}
	return fmt.Sprintf("%d years", int(d.Hours())/24/365), min(rounded, whole(day))
}

package parse

import (
	"testing"
	"time"
)

// TestStatusAt: what podman told of each recorded container is what it would be told at that moment.
func TestStatusAt(t *testing.T) {
	for version, out := range stdout(t, "ps-a-pod") {
		list, err := Containers(out)
		if err != nil {
			t.Fatal(err)
		}
		aged := 0
		for _, c := range list {
			if _, _, ok := c.aged(); !ok {
				if !c.StatusLasts(time.Time{}, time.Time{}) {
					t.Errorf("%s: %s %q is not known", version, c.State, c.Status)
				}
				continue
			}
			aged++
			since := time.Unix(c.sinceUnix, 0)
			if !c.StatusLasts(since, since.Add(time.Hour)) {
				t.Errorf("%s: %q is said of no moment of the first hour", version, c.Status)
			}
			if c.StatusLasts(since.Add(100*time.Hour), since.Add(101*time.Hour)) {
				t.Errorf("%s: %q is said after days", version, c.Status)
			}
		}
		if aged == 0 {
			t.Errorf("%s: no container has an age", version)
		}
	}
}

func TestHumanAge(t *testing.T) {
	for _, test := range []struct {
		age, next time.Duration
		words     string
	}{
		{-time.Second, time.Second, "Less than a second"},
		{time.Second, 2 * time.Second, "1 second"},
		{59500 * time.Millisecond, time.Minute, "59 seconds"},
		{119 * time.Second, 2 * time.Minute, "About a minute"},
		{59*time.Minute + 59*time.Second, time.Hour, "59 minutes"},
		{time.Hour, 90 * time.Minute, "About an hour"},
		{90 * time.Minute, 150 * time.Minute, "2 hours"},
		{47*time.Hour + 29*time.Minute, 47*time.Hour + 30*time.Minute, "47 hours"},
		{48 * time.Hour, 48*time.Hour + 30*time.Minute, "2 days"},
		{15 * 24 * time.Hour, 15*24*time.Hour + 30*time.Minute, "2 weeks"},
		{90 * 24 * time.Hour, 90*24*time.Hour + 30*time.Minute, "3 months"},
		{800 * 24 * time.Hour, 800*24*time.Hour + 30*time.Minute, "2 years"},
	} {
		if words, next := humanAge(test.age); words != test.words || next != test.next {
			t.Errorf("%s: %q until %s", test.age, words, next)
		}
	}
	// Between two changes there is none.
	for age := time.Duration(0); age < 3*365*24*time.Hour; {
		words, next := humanAge(age)
		if next <= age {
			t.Fatalf("%s: until %s", age, next)
		}
		if last, _ := humanAge(next - time.Millisecond); last != words {
			t.Fatalf("%s is %q until %s, but %q right before", age, words, next, last)
		}
		age = next
	}
}

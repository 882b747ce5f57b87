package tools

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// Progress of several pulls only grows, and names each.
func TestPullsProgress(t *testing.T) {
	var told []string
	c := &Call{Progress: func(_ context.Context, message string, done, _ float64) {
		told = append(told, fmt.Sprint(message, " ", done))
	}}
	ahead := 0.0
	for _, image := range []string{"a", "b"} {
		tell := c.after(&ahead, image)
		for _, done := range []float64{1, 5, 3} {
			tell(t.Context(), "x", done, 9)
		}
	}
	if got, want := strings.Join(told, ", "), "a: x 1, a: x 5, a: x 5, b: x 6, b: x 10, b: x 10"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

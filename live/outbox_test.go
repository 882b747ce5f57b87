package live

import (
	"testing"
	"time"
)

// A modern client hears of nothing before its subscription is acknowledged,
// and of each URI once.
func TestOutboxWaits(t *testing.T) {
	var box outbox
	sent := make(chan string, 10)
	for _, uri := range []string{"a", "b", "a"} {
		box.put(uri, func() { sent <- uri })
	}
	select {
	case uri := <-sent:
		t.Fatalf("%s was sent before the acknowledgement", uri)
	case <-time.After(20 * time.Millisecond):
	}
	box.admit()
	for _, want := range []string{"a", "b"} {
		if uri := <-sent; uri != want {
			t.Errorf("sent %s, want %s", uri, want)
		}
	}
	select {
	case uri := <-sent:
		t.Errorf("%s was sent again", uri)
	case <-time.After(20 * time.Millisecond):
	}
}

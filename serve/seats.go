package serve

import "sync"

// seats bounds the sessions of all transports together.
type seats struct {
	max    int
	others func() int // HTTP sessions, which the SDK keeps

	mu      sync.Mutex
	taken   int // WebSocket clients, open subscriptions, and HTTP sessions that begin
	streams int // of them, open subscriptions
}

// reserve takes a seat where there is one. An HTTP session that begins has two
// for a moment, its own and the SDK's: at the brink one too few may get in,
// never one too many.
func (s *seats) reserve() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken+s.others() >= s.max {
		return false
	}
	s.taken++
	return true
}

func (s *seats) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
}

// listen counts open subscriptions.
func (s *seats) listen(delta int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams += delta
}

func (s *seats) listening() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.streams
}

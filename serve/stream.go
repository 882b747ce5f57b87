package serve

import (
	"context"
	"net/http"
	"time"
)

// stream is the answer to an HTTP request, sent by an outbox. The SDK writes
// events to one client after another, and would wait for each to read them.
type stream struct {
	http.ResponseWriter
	out   *outbox
	own   bool // the answer to a call, which may wait for its client
	begun bool
}

// newStream wraps w. cancel ends the request of a client that does not read.
func newStream(n *Network, w http.ResponseWriter, cancel context.CancelFunc, own bool) *stream {
	s := &stream{ResponseWriter: w, own: own}
	conn := http.NewResponseController(w)
	s.out = &outbox{patience: n.patience,
		send: func(text []byte) error {
			// Every connection of ours has deadlines.
			_ = conn.SetWriteDeadline(time.Now().Add(n.patience))
			_, err := w.Write(text)
			if err == nil {
				err = conn.Flush()
			}
			_ = conn.SetWriteDeadline(time.Time{})
			n.bytesOut.Add(int64(len(text)))
			return err
		},
		drop: func(why error) {
			_ = conn.SetWriteDeadline(time.Now()) // what is being written fails
			n.Log.Debug().Err(why).Msg("http client dropped")
			cancel()
		},
	}
	return s
}

// WriteHeader sends the header at once, so that nobody changes it meanwhile.
func (s *stream) WriteHeader(status int) {
	if !s.begun {
		s.begun = true
		s.ResponseWriter.WriteHeader(status)
	}
}

// Write queues a copy of p.
func (s *stream) Write(p []byte) (int, error) {
	s.WriteHeader(http.StatusOK)
	if len(p) == 0 {
		return 0, nil
	}
	if err := s.out.put(context.Background(), append([]byte(nil), p...), s.own); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush does nothing: what is queued is sent as soon as it can be.
func (s *stream) Flush() {}

// end waits until all has been sent, or never will be.
func (s *stream) end() {
	s.out.flush(context.Background())
}

package serve

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// maxWaiting is the bytes that may wait for one client. It bounds what a
	// client that does not read costs.
	maxWaiting = 1 << 20
	// patientWaiting is where those that can wait begin to: the rest of
	// maxWaiting is for those that cannot.
	patientWaiting = maxWaiting / 2
)

var errSlow = errors.New("the client does not read what it is sent")

// outbox holds what one client has yet to read, so that whoever writes to many
// clients never waits for one of them. A goroutine sends, and only while there
// is something to send.
type outbox struct {
	send     func([]byte) error // may block
	drop     func(error)        // ends a client that reads no more; must not block
	patience time.Duration      // for one message to leave

	mu      sync.Mutex
	queue   [][]byte
	bytes   int  // queued, with those that are being sent
	sending bool // the goroutine runs
	closed  error
	left    chan struct{} // closed when a message has left; nil where nobody waits
}

// put queues a message. Where 1 MiB waits already the client is dropped; with
// patient, put first waits for room: a call's own words then come no faster
// than their client reads them.
func (o *outbox) put(ctx context.Context, message []byte, patient bool) error {
	for {
		o.mu.Lock()
		switch {
		case o.closed != nil:
			defer o.mu.Unlock()
			return o.closed
		case o.bytes == 0, patient && o.bytes+len(message) <= patientWaiting, !patient && o.bytes+len(message) <= maxWaiting:
			o.queue = append(o.queue, message)
			o.bytes += len(message)
			if !o.sending {
				o.sending = true
				go o.run()
			}
			o.mu.Unlock()
			return nil
		case !patient:
			o.mu.Unlock()
			o.close(errSlow)
			o.drop(errSlow)
			return errSlow
		}
		left := o.leaving()
		o.mu.Unlock()
		late := time.NewTimer(o.patience)
		select {
		case <-left:
			late.Stop()
		case <-late.C:
			o.close(errSlow)
			o.drop(errSlow)
			return errSlow
		case <-ctx.Done():
			late.Stop()
			return ctx.Err()
		}
	}
}

// leaving returns what is closed when a message has left. o.mu is held.
func (o *outbox) leaving() <-chan struct{} {
	if o.left == nil {
		o.left = make(chan struct{})
	}
	return o.left
}

// wake tells those who wait that a message has left. o.mu is held.
func (o *outbox) wake() {
	if o.left != nil {
		close(o.left)
		o.left = nil
	}
}

func (o *outbox) run() {
	for {
		o.mu.Lock()
		if len(o.queue) == 0 || o.closed != nil {
			o.sending = false
			o.queue = nil
			o.mu.Unlock()
			return
		}
		message := o.queue[0]
		o.queue = o.queue[1:]
		o.mu.Unlock()

		if err := o.send(message); err != nil {
			o.close(err)
			o.drop(err)
		}
		o.mu.Lock()
		o.bytes -= len(message)
		o.wake()
		o.mu.Unlock()
	}
}

// close lets put fail with err from now on, and forgets what is queued.
func (o *outbox) close(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed != nil {
		return
	}
	o.closed = err
	for _, message := range o.queue {
		o.bytes -= len(message)
	}
	o.queue = nil
	o.wake()
}

// flush returns when nothing is queued and nothing is being sent, or ctx is done.
func (o *outbox) flush(ctx context.Context) {
	for {
		o.mu.Lock()
		if o.bytes == 0 {
			o.mu.Unlock()
			return
		}
		left := o.leaving()
		o.mu.Unlock()
		select {
		case <-left:
		case <-ctx.Done():
			return
		}
	}
}

// empty tells whether nothing waits.
func (o *outbox) empty() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes == 0
}

package serve

import (
	"context"
	"sync"
	"time"
)

const (
	probeEvery   = 10 * time.Second
	probeTimeout = 2 * time.Second
	probePatient = time.Minute // of failures before degraded becomes unhealthy
)

// Probe asks podman in the background whether it answers, so that a health
// check never waits for it.
type Probe struct {
	ask func(context.Context) (version string, err error)

	mu      sync.Mutex
	version string
	good    time.Time // the last answer
	err     error     // of the last question; nil where it was answered
	asked   bool
}

// NewProbe asks with ask, which gets two seconds and returns podman's version.
func NewProbe(ask func(context.Context) (string, error)) *Probe { return &Probe{ask: ask} }

// Run asks at once and then every ten seconds, until ctx is done.
func (p *Probe) Run(ctx context.Context) {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		p.once(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *Probe) once(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	version, err := p.ask(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked, p.err = true, err
	if err == nil {
		p.good = time.Now()
		p.version = version
	}
}

// Status is what a health check says of podman.
type Status string

// The statuses: podman answers; it does not since less than a minute; it does
// not for longer, or never has.
const (
	Healthy   Status = "healthy"
	Degraded  Status = "degraded"
	Unhealthy Status = "unhealthy"
)

// Status returns the last answer, podman's version, and why it is not healthy.
func (p *Probe) Status() (status Status, version, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.asked:
		return Unhealthy, "", "podman has not been asked yet"
	case p.err == nil:
		return Healthy, p.version, ""
	case !p.good.IsZero() && time.Since(p.good) < probePatient:
		return Degraded, p.version, p.err.Error()
	}
	return Unhealthy, p.version, p.err.Error()
}

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// healthCmd is what a container's health check runs: there is no curl in the image.
type healthCmd struct {
	URL string `arg:"" optional:"" help:"What to ask; /health of this machine's server on --admin-port without it." placeholder:"URL"`
}

// Run prints what the server says of itself; anything but 200 is a failure.
func (c healthCmd) Run(ctx context.Context, g *Globals, s *streams) error {
	if c.URL == "" {
		port := defaultAdminPort
		if p := g.Network.AdminPort; p != nil {
			port = *p
		}
		c.URL = fmt.Sprintf("http://127.0.0.1:%d/health", port)
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no server answers there: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(s.out, io.LimitReader(res.Body, 64<<10)); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", c.URL, res.Status)
	}
	return nil
}

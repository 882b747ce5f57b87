package tools

import (
	"context"
	"sync"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// holes remembers what is known of a podman's version, which is asked once.
type holes struct {
	mu      sync.Mutex
	builder string // its version; "" until it was asked
}

// Holes returns the version of the podman that builds and runs, and its
// published weaknesses. A failure is asked again the next time.
func (h *Host) Holes(ctx context.Context) (version string, known []string, err error) {
	h.holes.mu.Lock()
	defer h.holes.mu.Unlock()
	if h.holes.builder == "" {
		result, err := h.Runner.Read(ctx, exec.Podman("version").Option("format", "json"))
		if err != nil {
			return "", nil, err
		}
		versions, err := parse.Version(result.Stdout)
		if err != nil {
			return "", nil, err
		}
		h.holes.builder = versions.Client
		if versions.Server != "" {
			h.holes.builder = versions.Server
		}
	}
	return h.holes.builder, parse.KnownHoles(h.holes.builder), nil
}

// WarnOfHoles tells the log of them. It is for a server that starts, beside
// which it runs: a podman that does not answer is for the calls to tell.
func (h *Host) WarnOfHoles(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	version, known, err := h.Holes(ctx)
	if err != nil {
		h.Log.Debug().Err(err).Msg("podman's version cannot be told")
		return
	}
	if len(known) > 0 {
		h.Log.Warn().Str("podman", version).Strs("open_to", known).
			Msg("this podman has a known hole: a Containerfile can read this machine's files. Update it to 4.9.4, 5.0.1 or newer")
	}
}

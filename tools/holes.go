package tools

import (
	"cmp"
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
	builder := h.holes.builder
	h.holes.mu.Unlock()
	if builder == "" {
		result, err := h.Runner.Read(ctx, exec.Podman("version").Option("format", "json"))
		if err != nil {
			return "", nil, err
		}
		versions, err := parse.Version(result.Stdout)
		if err != nil {
			return "", nil, err
		}
		builder = cmp.Or(versions.Server, versions.Client)
		h.holes.mu.Lock()
		h.holes.builder = builder
		h.holes.mu.Unlock()
	}
	return builder, parse.KnownHoles(builder), nil
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

package tools

import (
	"context"
	"path/filepath"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// scratch makes the folder of what a call builds. Done removes it, after what
// was left where podman was ended.
func (c *Call) scratch(ctx context.Context) (s *exec.Scratch, done func(ended bool), err error) {
	if s, err = exec.NewScratch(); err != nil {
		return nil, nil, err
	}
	return s, func(ended bool) {
		if ended && !c.Runner.Remote {
			c.clearAway(ctx, s)
		}
		if err := s.Remove(); err != nil {
			c.Log.Error().Err(err).Msg("cannot remove a build's temporary folder")
		}
	}, nil
}

// clearAway removes what a build left that was ended and could not clean up by
// itself: the step's process and the working containers, those of this build
// and of no other.
func (c *Call) clearAway(ctx context.Context, scratch *exec.Scratch) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	defer cancel()
	scratch.EndSteps()
	left, err := c.leftBy(ctx, scratch)
	if err == nil && len(left) > 0 {
		_, err = c.Runner.Run(ctx, exec.Podman("rm").Flag("force", true).Operand(left...))
	}
	if err != nil {
		c.Log.Error().Err(err).Strs("containers", left).Msg("cannot remove the working containers of a build that was ended")
	}
}

// leftBy lists the working containers of a build that was ended.
func (c *Call) leftBy(ctx context.Context, scratch *exec.Scratch) ([]string, error) {
	result, err := c.Runner.Read(ctx, exec.Podman("info").Option("format", "json"))
	if err != nil {
		return nil, err
	}
	info, err := parse.Info(result.Stdout)
	if err != nil {
		return nil, err
	}
	return scratch.Made(filepath.Join(info.StorageFolder, info.StorageDriver+"-containers"))
}

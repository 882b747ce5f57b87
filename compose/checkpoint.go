package compose

import (
	"context"
)

// Runnable judges the images of one service before podman run is given them,
// which may do another thing with some images than run them. Here says that an
// image is only to be looked at where it is on this machine already, since the
// service builds it.
type Runnable func(platform string, here bool) JudgeImage

// runnable asks for the images of the services that are to run. Of the
// providers only podman-compose starts containers by podman run.
func (m *model) runnable(ctx context.Context, p Provider, runnable Runnable) error {
	if runnable == nil || p.Name != "podman-compose" {
		return nil
	}
	for _, name := range m.wanted() {
		s, path := m.project.Services[name], "services."+shown(name)
		if err := runnable(s.Platform, s.Build != nil)(path+".image", p.imageOf(m, s), "", nil); err != nil {
			return err
		}
		if s.Build == nil {
			continue
		}
		if err := permitBuild(ctx, path+".build", s.Build, runnable(s.Platform, false)); err != nil {
			return err
		}
	}
	return nil
}

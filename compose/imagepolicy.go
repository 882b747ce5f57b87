package compose

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// JudgeImage tells why an image may not be used, which a file names at parameter.
// With text not empty it is asked for the Containerfile with that text, which
// is built with args. Unlike the other judges it is asked also of files that
// the operator trusts. Nil allows all.
type JudgeImage func(parameter, image, text string, args map[string]string) error

// permitImages asks for all images of some services.
func (m *model) permitImages(ctx context.Context, services []string, permit JudgeImage) error {
	if permit == nil {
		return nil
	}
	all := m.project.AllServices()
	for _, name := range services {
		s, path := all[name], "services."+shown(name)
		if s.Image != "" { // also of what is built: providers pull that too, by pull_policy
			if err := permit(path+".image", s.Image, "", nil); err != nil {
				return err
			}
		}
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeImage {
				if err := permit(path+".volumes", v.Source, "", nil); err != nil {
					return err
				}
			}
		}
		if s.Build == nil {
			continue
		}
		if err := permitBuild(ctx, path+".build", s.Build, permit); err != nil {
			return err
		}
	}
	return nil
}

func permitBuild(ctx context.Context, path string, b *types.BuildConfig, permit JudgeImage) error {
	for name, from := range b.AdditionalContexts {
		if scheme, image, ok := strings.Cut(from, "://"); ok && (scheme == "docker" || strings.HasSuffix(scheme, "-image")) {
			if err := permit(path+".additional_contexts."+shown(name), image, "", nil); err != nil {
				return err
			}
		}
	}
	const untold = "FROM $UNTOLD\n" // what is not on this machine, or goes through the C preprocessor, cannot be read here
	if !filepath.IsAbs(b.Context) {
		return permit(path+".context", "", untold, nil)
	}
	return allowContainerfile(ctx, path, b, nil, func(_ context.Context, parameter, file, text string, args map[string]string) error {
		if strings.HasSuffix(file, ".in") {
			text = untold
		}
		return permit(parameter, "", text+"\n", args)
	})
}

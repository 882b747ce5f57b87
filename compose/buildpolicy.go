package compose

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"podman-mcp/parse"
)

// Harmless tells why a Containerfile may not be built: its path, "" where it
// stands in the compose file, what it says, and the arguments of its build. The
// zero value allows all.
type Harmless func(ctx context.Context, parameter, path, text string, args map[string]string) error

// containerfiles are those that a provider looks for in the folder where the
// file names none, which the loader then calls Dockerfile. Each has an order of
// its own.
func containerfiles() []string {
	return []string{"Containerfile", "ContainerFile", "containerfile", "Dockerfile", "DockerFile", "dockerfile"}
}

// allowBuild refuses what podman_build does not offer either: what goes into an
// image from where the call may not read, a Containerfile that is not harmless,
// and a part of the machine for its steps. What is no absolute path after the
// file was read is an address.
func (m *model) allowBuild(ctx context.Context, s types.ServiceConfig, allow Allow, harmless Harmless) error {
	b, path := s.Build, "services."+shown(s.Name)+".build"
	if !filepath.IsAbs(b.Context) {
		return unseen(path+".context", b.Context, "is not on this machine, and its Containerfile cannot be looked at before it is built")
	}
	if err := m.permits.grant(wishesOfBuild(b, path)...); err != nil {
		return err
	}
	if err := allow.check(path+".context", b.Context); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(b.AdditionalContexts)) {
		at, from := path+".additional_contexts."+shown(name), b.AdditionalContexts[name]
		if scheme, image, ok := strings.Cut(from, "://"); ok && (scheme == "docker" || strings.HasSuffix(scheme, "-image")) && !isImage(image) {
			return unseen(at, from, "names a transport, by which podman would read this machine's files")
		}
		if filepath.IsAbs(from) {
			if err := allow.check(at, from); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.Args)) {
		if value := b.Args[name]; value != nil {
			if word, _, ok := strings.Cut(*value, ":"); ok && word != "docker" && slices.Contains(transports, word) {
				return unseen(path+".args."+shown(name), *value, "names a transport, by which FROM would read this machine's files")
			}
		}
	}
	for _, secret := range b.Secrets {
		if err := allow.check("secrets."+shown(secret.Source)+".file", m.project.Secrets[secret.Source].File); err != nil {
			return err
		}
	}
	return allowContainerfile(ctx, path, b, allow, harmless)
}

// wishesOfBuild are what the steps of a build ask for of the machine.
func wishesOfBuild(b *types.BuildConfig, path string) (list []wish) {
	if b.Privileged {
		list = append(list, wish{"privileged", path + ".privileged", "true"})
	}
	if len(b.Entitlements) > 0 {
		list = append(list, wish{rawCompose, path + ".entitlements", b.Entitlements[0]})
	}
	if len(b.SSH) > 0 {
		list = append(list, wish{rawCompose, path + ".ssh", b.SSH[0].ID})
	}
	switch kind, _, _ := strings.Cut(b.Network, ":"); kind {
	case "host":
		list = append(list, wish{"host-network", path + ".network", b.Network})
	case "ns", "container":
		list = append(list, wish{rawCompose, path + ".network", b.Network})
	}
	return list
}

// allowContainerfile looks at the Containerfile. What is not there is for the provider to tell.
func allowContainerfile(ctx context.Context, path string, b *types.BuildConfig, allow Allow, harmless Harmless) error {
	if b.DockerfileInline != "" {
		if harmless == nil {
			return nil
		}
		return harmless(ctx, path+".dockerfile_inline", "", b.DockerfileInline, argsOf(b))
	}
	names := []string{b.Dockerfile}
	if b.Dockerfile == "" || b.Dockerfile == "Dockerfile" {
		names = containerfiles()
	}
	for _, name := range names {
		file := within(b.Context, name)
		if err := allow.check(path+".dockerfile", file); err != nil {
			return err
		}
		if harmless == nil {
			continue
		}
		text, err := read(path+".dockerfile", file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = harmless(ctx, path+".dockerfile", file, string(text), argsOf(b))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// argsOf are the arguments that have a value.
func argsOf(b *types.BuildConfig) map[string]string {
	args := map[string]string{}
	for key, value := range b.Args {
		if value != nil {
			args[key] = *value
		}
	}
	return args
}

func unseen(path, value, why string) error {
	return &parse.Failure{Code: parse.PolicyDenied, Subject: path,
		Message: fmt.Sprintf("%s: %s %s", path, parse.Mask(parse.Clean(value)), why),
		Hint:    "Nothing was built. Build from a folder of this machine and from images of registries; the operator allows more with --allow raw-compose."}
}

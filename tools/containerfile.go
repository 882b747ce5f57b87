package tools

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"podman-mcp/parse"
)

const maxContainerfile = 1 << 20 // bytes

// containerfile returns the file in the context folder that is to be built, by
// its plain path, and what it says. Podman itself would follow a link out of
// the context, and show lines of whatever it finds there in its errors.
func containerfile(folder, named string) (path, text string, err error) {
	candidates := []string{named}
	if named == "" {
		candidates = []string{"Containerfile", "Dockerfile"}
	}
	for _, name := range candidates {
		path = name
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, name)
		}
		if path, err = filepath.EvalSymlinks(path); err == nil {
			break
		}
	}
	switch {
	case err != nil && named == "":
		return "", "", invalid("context", "%q holds no Containerfile and no Dockerfile; name the file, or give its text as containerfile", folder)
	case err != nil:
		return "", "", invalid("file", "there is no file %q in the context", named)
	case !within(path, folder):
		return "", "", denied("file", named, "leads out of the build context")
	case preprocessed(path):
		return "", "", denied("file", named, throughPreprocessor)
	}
	text, err = readWhole(path)
	return path, text, err
}

const throughPreprocessor = "would go through the C preprocessor, which includes any file of this machine"

func preprocessed(path string) bool { return strings.HasSuffix(path, ".in") }

// harmlessFile is harmless for a Containerfile that a compose file names.
func (c *Call) harmlessFile(ctx context.Context, parameter, path, text string, args map[string]string) error {
	if actual, err := filepath.EvalSymlinks(path); preprocessed(path) || err == nil && preprocessed(actual) {
		return denied(parameter, path, throughPreprocessor)
	}
	return c.harmless(ctx, parameter, text, envs(args))
}

func readWhole(path string) (string, error) {
	about, err := os.Stat(path)
	if err != nil || !about.Mode().IsRegular() || about.Size() > maxContainerfile {
		return "", invalid("file", "%q is no file of at most 1 MiB that can be read", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", invalid("file", "%s", parse.Clean(err.Error()))
	}
	text, err := io.ReadAll(io.LimitReader(f, maxContainerfile))
	return string(text), errors.Join(err, f.Close())
}

var (
	comment   = parse.Lazily(`(?m)^[ \t]*#.*\n?`)             // a line that ends in a backslash, too
	continued = parse.Lazily(`\\[ \t]*\r?\n(?:[ \t]*\r?\n)*`) // and empty lines after it
	argLine   = parse.Lazily(`(?im)^[ \t]*ARG[ \t]+(.*)$`)
	argPair   = parse.Lazily(`(\w+)(?:=("[^"]*"|'[^']*'|\S*))?`)
	mount     = parse.Lazily(`--mount(?:=|[ \t]+)(\S*)`)
)

// plainMount tells whether a RUN mounts nothing of the context or of an image:
// podman takes the last of several types.
func plainMount(options string) bool {
	types := 0
	for option := range strings.SplitSeq(options, ",") {
		key, value, _ := strings.Cut(option, "=")
		switch {
		case key == "type" && slices.Contains([]string{"cache", "secret", "ssh", "tmpfs"}, value):
			types++
		case key == "type" || key == "from" || strings.ContainsAny(option, "\"'$\\"):
			return false
		}
	}
	return types == 1
}

// transport tells whether podman would read such an image from a file, or from
// another engine. docker is an image's name too, and docker: a registry's.
func transport(image string) bool {
	word, _, _ := strings.Cut(image, ":")
	return word != "docker" && noTransport(image) != nil
}

// someBuiltins stand for what podman puts in for them, which is no transport.
const someBuiltins = "ARG TARGETPLATFORM=p TARGETOS=o TARGETARCH=a TARGETVARIANT=v BUILDPLATFORM=p BUILDOS=o BUILDARCH=a BUILDVARIANT=v\n"

// harmless refuses what a Containerfile may not ask of podman on this machine.
//
// It is a guard against what is plainly written there and no sandbox. A build
// runs its file's own commands, in containers; what those may do is podman's to
// bound. In particular podman before 4.9.4 and 5.0.1 mounts any folder of the
// host into a RUN --mount=type=bind whose source is a symbolic link
// (CVE-2024-1753, seen on 4.3.1), so that such mounts are refused there. An
// ONBUILD of the base image may hold one all the same, and what later podmans
// mended in cache mounts and in bind-propagation (CVE-2024-9675, CVE-2024-9407)
// is not looked for: who builds what strangers wrote needs a podman that is up
// to date.
func (c *Call) harmless(ctx context.Context, parameter, text string, args []Env) error {
	if why := strange(text); why != "" {
		return &parse.Failure{Code: parse.PolicyDenied, Subject: parameter,
			Message: parameter + ": " + why + ", so that what it takes from cannot be told",
			Hint:    "Nothing was run. Write FROM, ARG and flags plainly, without quotes and backslashes within them."}
	}
	named, ok := bases(someBuiltins+text, args)
	text = joined(text)
	if !ok {
		return &parse.Failure{Code: parse.PolicyDenied, Subject: parameter,
			Message: parameter + ": it takes from an image whose name cannot be told before it is built",
			Hint:    "Nothing was run. Write the image's name out, or put it together of the ARGs before the first FROM, as ${NAME} or ${NAME:-VALUE}."}
	}
	for _, image := range named {
		if transport(image) {
			return &parse.Failure{Code: parse.PolicyDenied, Subject: parameter,
				Message: parameter + ": " + short([]byte(image)) + " would read an image from this machine's files or another engine",
				Hint:    "Nothing was run. Name an image of a registry or of podman_images; podman_load reads an archive."}
		}
	}
	binds := slices.ContainsFunc(mount().FindAllStringSubmatch(text, -1), func(m []string) bool { return !plainMount(m[1]) })
	if !binds {
		return nil
	}
	builder, known, err := c.Holes(ctx)
	if _, told := parse.SemverOf(builder); err != nil || told && len(known) == 0 {
		return err
	}
	return &parse.Failure{Code: parse.PolicyDenied, Subject: parameter,
		Message: parameter + ": RUN --mount=type=bind is not safe with podman " + builder + ", which lets such a mount reach any folder of this machine (CVE-2024-1753)",
		Hint:    "Nothing was run. Use COPY or COPY --from instead, or have podman updated to 4.9.4, 5.0.1 or newer."}
}

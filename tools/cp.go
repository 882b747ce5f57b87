package tools

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanCp = act(Tool{
	Name: "podman_cp", Title: "Copy files into or out of a container", Effect: Changes, Toolset: Containers, Default: true, Destructive: true, Timeout: longTimeout,
	About: "Copies a file or folder between this machine and a container, also a stopped one: from copies into path, to copies path out. " +
		"content writes text to the file path; with none of them the file's text is returned. " +
		"Files of the container are overwritten, files of this machine never.",
}, cp)

// CpParams are the parameters of podman_cp.
type CpParams struct {
	Container Container `json:"container" jsonschema:"Name or id"`
	Path      Path      `json:"path" jsonschema:"Absolute, in the container; where it is a folder, from goes into it"`
	From      File      `json:"from,omitempty" jsonschema:"File or folder of this machine to copy in"`
	To        File      `json:"to,omitempty" jsonschema:"Path on this machine to copy out to; must not exist"`
	Content   string    `json:"content,omitempty" jsonschema:"Text to write, at most 64 KiB"`
	MaxBytes  int       `json:"max_bytes,omitempty" default:"10240" minimum:"256" maximum:"262144" jsonschema:"Most bytes of text to return, the first"`
}

// CpResult is the result of podman_cp.
type CpResult struct {
	Container string  `json:"container"`
	Path      string  `json:"path"`
	To        string  `json:"to,omitempty"`
	Content   *string `json:"content,omitempty"`
	Files     int     `json:"files,omitempty"`
	Bytes     int64   `json:"bytes" jsonschema:"Of all files, or of the whole file"`
	Truncated bool    `json:"truncated,omitempty"`
	Note      string  `json:"note,omitempty"`
}

func (r CpResult) text() (string, bool) {
	if r.Content == nil {
		return "", false
	}
	return closed(*r.Content, r.Note), true
}

const maxContent = 64 << 10 // bytes of text to write

func cp(ctx context.Context, c *Call, in CpParams) (CpResult, error) {
	given := 0
	for _, is := range []bool{in.From != "", in.To != "", in.Content != ""} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return CpResult{}, invalid("from", "give one of from, to and content, or none to read the file")
	case len(in.Content) > maxContent:
		return CpResult{}, invalid("content", "is longer than %d bytes; copy a file with from", maxContent)
	case in.Content != "" && in.Path == "/":
		return CpResult{}, invalid("path", "is a folder; name the file to write")
	}
	var host string // the file or folder of this machine
	var err error
	switch {
	case in.From != "":
		host, err = c.Roots.Source("from", string(in.From))
	case in.To != "":
		host, err = c.Roots.Target("to", string(in.To))
	}
	if err == nil {
		err = c.exact(ctx, string(in.Container))
	}
	if err != nil {
		return CpResult{}, err
	}
	out := CpResult{Container: string(in.Container), Path: string(in.Path)}
	if in.From != "" || in.Content != "" {
		id, err := c.mayChange(ctx, string(in.Container))
		if err != nil {
			return CpResult{}, err
		}
		in.Container = Container(id)
	}
	switch {
	case in.From != "":
		return out, c.copyIn(ctx, in, host, &out)
	case in.To != "":
		out.To = host
		return out, c.copyOut(ctx, in, host, &out)
	case in.Content != "":
		return out, c.writeFile(ctx, in, &out)
	}
	return out, c.readFile(ctx, in, &out)
}

// inside is a path of the container as podman's cp reads it.
func (in CpParams) inside(path string) string { return string(in.Container) + ":" + path }

// copyIn leaves the copying to podman, which keeps symbolic links as they are.
func (c *Call) copyIn(ctx context.Context, in CpParams, host string, out *CpResult) error {
	err := filepath.WalkDir(host, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		about, err := entry.Info()
		if err == nil {
			out.Files, out.Bytes = out.Files+1, out.Bytes+about.Size()
		}
		return errors.Join(err, ctx.Err())
	})
	if err != nil {
		return c.unreadable("from", in.From, err)
	}
	_, err = c.Runner.Run(ctx, exec.Podman("cp").Operand(host, in.inside(string(in.Path))))
	return err
}

func (c *Call) unreadable(parameter string, given File, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return invalid(parameter, "%q does not exist on this machine", given)
	case errors.Is(err, fs.ErrExist):
		return invalid(parameter, "%q exists by now, and nothing is overwritten", given)
	case errors.Is(err, fs.ErrPermission):
		return &parse.Failure{Code: parse.PermissionDenied, Message: parameter + ": " + parse.Clean(err.Error()),
			Hint: "The server's user may not use this path. Name another one.", Err: err}
	}
	return err
}

// archive hands the archive that podman makes of path to read.
func (c *Call) archive(ctx context.Context, in CpParams, read func(*tar.Reader) error) error {
	argv := exec.Podman("cp").Operand(in.inside(string(in.Path))).Stdio()
	if in.To == "" {
		argv = argv.Brief()
	}
	return c.Runner.Pipe(ctx, argv, func(stream io.Reader) error { return read(tar.NewReader(stream)) })
}

func (c *Call) readFile(ctx context.Context, in CpParams, out *CpResult) error {
	return c.archive(ctx, in, func(archive *tar.Reader) error {
		entry, err := archive.Next()
		if err != nil {
			return err
		}
		if entry.Typeflag != tar.TypeReg {
			return invalid("path", "%s is not a file; to copies a folder to this machine", in.Path)
		}
		text, err := io.ReadAll(io.LimitReader(archive, int64(in.MaxBytes)))
		if err != nil {
			return err
		}
		out.Bytes, out.Truncated = entry.Size, entry.Size > int64(len(text))
		if out.Truncated {
			text = wholeLines(text)
			out.Note = fmt.Sprintf("the first %d of %d bytes; raise max_bytes, or copy the file with to, to see more", len(text), entry.Size)
		}
		if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
			return invalid("path", "%s holds no text; to copies it to this machine", in.Path)
		}
		content := parse.Clean(string(text))
		out.Content = &content
		return exec.ErrEnough
	})
}

// wholeLines cuts a piece of text after its last line's end, or else between
// two characters.
func wholeLines(text []byte) []byte {
	if at := bytes.LastIndexByte(text, '\n'); at >= 0 {
		return text[:at+1]
	}
	for i := 0; i < utf8.UTFMax && len(text) > 0 && !utf8.Valid(text); i++ {
		text = text[:len(text)-1]
	}
	return text
}

// writeFile hands the content over as an archive of one file. What is there
// keeps its mode; its owner becomes the container's user, as podman has it.
func (c *Call) writeFile(ctx context.Context, in CpParams, out *CpResult) error {
	mode, err := c.mode(ctx, in)
	if err != nil {
		return err
	}
	var text strings.Builder
	archive := tar.NewWriter(&text)
	err = archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: path.Base(string(in.Path)), Mode: mode,
		Size: int64(len(in.Content)), ModTime: time.Now(), Format: tar.FormatPAX})
	if err == nil {
		_, err = archive.Write([]byte(in.Content))
	}
	if err = errors.Join(err, archive.Close()); err != nil {
		return err
	}
	_, err = c.Runner.Run(ctx, exec.Podman("cp").Stdio().Operand(in.inside(path.Dir(string(in.Path)))).Input(text.String()))
	out.Files, out.Bytes = 1, int64(len(in.Content))
	return err
}

// mode is that of the file which is there, else 0644. It refuses what podman
// would replace and not write to.
func (c *Call) mode(ctx context.Context, in CpParams) (mode int64, err error) {
	err = c.archive(ctx, in, func(archive *tar.Reader) error {
		entry, err := archive.Next()
		switch {
		case err != nil:
			return err
		case entry.Typeflag != tar.TypeReg:
			return invalid("path", "%s is there and no file; name the file to write", in.Path)
		case path.Base(entry.Name) != path.Base(string(in.Path)):
			return invalid("path", "%s is a symbolic link, to a file called %s; name that file", in.Path, parse.Clean(path.Base(entry.Name)))
		}
		mode = entry.Mode & 0o777
		return exec.ErrEnough
	})
	var run *exec.RunError
	if errors.As(err, &run) && run.Code > 0 && !stopped(ctx, err) && strings.Contains(run.Stderr, "could not be found on container") {
		return 0o644, nil
	}
	return mode, err
}

// copyOut unpacks the archive by itself, in a folder that no container sees
// into, and moves what is whole to its place: nothing that a container puts
// into the archive, or into the target's folder meanwhile, leads elsewhere.
func (c *Call) copyOut(ctx context.Context, in CpParams, host string, out *CpResult) error {
	folder, err := os.OpenRoot(filepath.Dir(host))
	if err != nil {
		return c.unreadable("to", in.To, err)
	}
	defer func() { _ = folder.Close() }()
	u, err := newUnpacked(folder, in.Path == "/")
	if err != nil {
		return c.unreadable("to", in.To, err)
	}
	defer u.remove()
	err = c.archive(ctx, in, u.unpack)
	if ctx.Err() != nil {
		return &exec.RunError{Verb: "cp", Code: -1, Err: context.Cause(ctx)}
	}
	if err == nil {
		err = u.place(filepath.Base(host))
	}
	if err != nil {
		return c.unreadable("to", in.To, err)
	}
	out.Files, out.Bytes = u.files, u.bytes
	if u.skipped > 0 {
		out.Note = fmt.Sprintf("%d entries were left out: devices, pipes, and links that lead out of what was copied", u.skipped)
	}
	return nil
}

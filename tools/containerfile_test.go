package tools

import (
	"os"
	"path/filepath"
	"testing"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

// What a Containerfile asks of this machine is refused, however it is written;
// what only looks like it is not. There is no podman here: only a file with a
// bind mount asks for its version.
func TestHarmless(t *testing.T) {
	c := &Call{Host: &Host{Runner: &exec.Runner{Podman: "/nonexistent/podman"}}}
	const asks = parse.NotConnected
	for text, want := range map[string]parse.Code{
		"FROM docker.io/library/nginx:1.27\nRUN make\n":              "",
		"FROM docker:27-dind\nFROM localhost:5000/dir:1\nFROM dir\n": "",
		"# FROM dir:/x\nLABEL from=\"dir:/x\"\nENV X=oci:/x\n":       "",
		"FROM dir:/srv/x\n": parse.PolicyDenied,
		"  from --platform=$P  OCI-archive:/srv/x AS a\r\n":                      "",
		"FROM scratch\n  from --platform=$P  oci-archive:/srv/x AS a\r\n":        parse.PolicyDenied,
		"FROM \"docker-daemon:x\"\n":                                             parse.PolicyDenied,
		"FROM\\\n dir:/x\nFROM \\ \n containers-storage:x\n":                     parse.PolicyDenied,
		"# escape=`\nFROM `\n dir:/x\n":                                          parse.PolicyDenied,
		"ARG B=dir:/x\nFROM $B\n":                                                parse.PolicyDenied,
		"ARG B=\"oci:/x\"\nFROM $B\n":                                            parse.PolicyDenied,
		"FROM a\nRUN --mount=type=cache,target=/c --mount=type=tmpfs,t=/ x":      "",
		"FROM a\nRUN --mount=type=secret,id=x,target=/c true\n":                  "",
		"FROM a\nRUN --mount=type=bind,source=x,target=/c true\n":                asks,
		"FROM a\nRUN --mount=source=x,target=/c true\n":                          asks,
		"FROM a\nRUN --mount=target=/c,type=$T true\n":                           asks,
		"FROM a\nRUN --mo\\\nunt=type=bind,target=/c true\n":                     asks,
		"FROM a\nRUN --mount type=bind,target=/c true\n":                         asks,
		"FROM a\nRUN --mount=type=cache,type=bind,source=s,target=/m true":       asks,
		"FROM a\nRUN --mount=type=cache,from=b,source=/l,target=/m true":         asks,
		"FROM a\nRUN --mo\\\n\n \nunt=type=bind,target=/c true\n":                asks,
		"FROM a\nCOPY --chown=1 --from=tarball:/srv/x.tar /f /f\n":               parse.PolicyDenied,
		"FROM a AS b\nFROM c\nCOPY --from=b /f /f\nCOPY --from=0 /f /f\n":        "",
		"ARG A=tarb B=all:/x\nFROM ${A}${B}\n":                                   parse.PolicyDenied,
		"ARG A=tarb\nARG B=all:/x\nFROM $A$B\n":                                  parse.PolicyDenied,
		"ARG A=$B\nARG B=oci:/x\nFROM $A\n":                                      parse.PolicyDenied,
		"FROM ${A:-oci:/x}\n":                                                    parse.PolicyDenied,
		"ARG X=oci-archive:/x\nFROM $X\nARG X=alpine\n":                          parse.PolicyDenied,
		"FROM a\nARG X=alpine\nFROM ${X:-dir:/x}\n":                              parse.PolicyDenied,
		"\vFROM oci-archive:/x\n":                                                parse.PolicyDenied,
		"FROM\voci-archive:/x\n":                                                 parse.PolicyDenied,
		"\ufeffFROM oci-archive:/x\n":                                            parse.PolicyDenied,
		"FROM o\"c\"i-archive:/x\n":                                              parse.PolicyDenied,
		"FROM o\\ci-archive:/x\n":                                                parse.PolicyDenied,
		"FROM a\nCOPY --from=o\"c\"i-archive:/x / /\n":                           parse.PolicyDenied,
		"ARG X=''oci-archive:/x\nFROM ${X:-a}\n":                                 parse.PolicyDenied,
		"FROM a\nLABEL a=`\nFROM oci-archive:/x\n":                               parse.PolicyDenied,
		"# escape=`\nFROM a\nLABEL a=b\\\nFROM oci-archive:/x\n":                 parse.PolicyDenied,
		"FROM a\nRUN --mo\"u\"nt=type=bind,source=l,target=/m true\n":            parse.PolicyDenied,
		"FROM a\nRUN --mo\\unt=type=bind,source=l,target=/m true\n":              parse.PolicyDenied,
		"ARG A=\"1.27\"\nFROM a:$A\nRUN echo `date`\nCOPY --chown=1 \"a b\" /\n": "",
		"# a\u00a0comment\r\nFROM a\r\nRUN [\"x\", \"--y\"]\r\n":                 "",
		"FROM a\nCOPY --from=$X /f /f\n":                                         parse.PolicyDenied,
		"FROM --platform=$BUILDPLATFORM a\nFROM b-$TARGETARCH\n":                 "",
		"ARG V=1.27\nFROM docker.io/library/nginx:${V}\n":                        "",
		"FROM nginx:${V:-1.27}\n":                                                "",
		"FROM nginx:${V:+1}\n":                                                   parse.PolicyDenied,
	} {
		var got parse.Code
		if err := c.harmless(t.Context(), "file", text, nil); err != nil {
			got = c.failure(t.Context(), err, readTimeout).Code
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// A Containerfile of a compose file may ask for no more, and neither name nor
// link leads it through the preprocessor.
func TestHarmlessFile(t *testing.T) {
	c := &Call{Host: &Host{Runner: &exec.Runner{Podman: "/nonexistent/podman"}}}
	dir := t.TempDir()
	for _, name := range []string{"plain", "x.in"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("FROM scratch\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("x.in", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string]struct {
		text string
		want parse.Code
	}{
		"plain": {"FROM scratch\n", ""},
		"":      {"FROM dir:/x\n", parse.PolicyDenied},
		"x.in":  {"FROM scratch\n", parse.PolicyDenied},
		"link":  {"FROM scratch\n", parse.PolicyDenied},
	} {
		path := name
		if name != "" {
			path = filepath.Join(dir, name)
		}
		var got parse.Code
		if err := c.harmlessFile(t.Context(), "services.web.build.dockerfile", path, one.text, nil); err != nil {
			got = c.failure(t.Context(), err, readTimeout).Code
		}
		if got != one.want {
			t.Errorf("%q: %q, want %q", name, got, one.want)
		}
	}
}

package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"podman-mcp/compose"
	"podman-mcp/exec"
	"podman-mcp/parse"
	"podman-mcp/tools"
)

const about = `Lets AI agents manage podman: containers, images and compose projects, through the Model Context Protocol.

Without a command it speaks MCP on standard input and output; an MCP client starts it so. Each flag is also an environment variable, PODMAN_MCP_TIMEOUT for --timeout, and a key of the JSON file that --config names.`

type cli struct {
	Globals

	Serve   serveCmd   `cmd:"" default:"1" help:"Speak MCP on standard input and output (the default)."`
	Call    callCmd    `cmd:"" help:"Run one tool and print its result."`
	Tools   toolsCmd   `cmd:"" help:"List the tools."`
	Doctor  doctorCmd  `cmd:"" help:"Check podman and its surroundings, and say how to mend what is wrong."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// Globals are the flags of every command.
type Globals struct {
	Config kong.ConfigFlag `help:"JSON file with values for these flags." placeholder:"FILE"`

	SocketPath string   `help:"Podman's socket; podman then runs as a remote client." placeholder:"PATH" xor:"where"`
	URL        string   `name:"url" help:"Podman's service, such as ssh://user@host/run/podman/podman.sock." placeholder:"URL" xor:"where"`
	Connection string   `help:"One of podman's own connections (podman system connection ls)." placeholder:"NAME" xor:"where"`
	Podman     string   `help:"Podman's executable." default:"podman" placeholder:"FILE"`
	EnvPass    []string `help:"Further environment variables that podman may see." placeholder:"NAME"`

	ComposeProvider compose.Choice `help:"What runs compose files: auto, podman-compose or podman (podman compose)." enum:"auto,podman-compose,podman" default:"auto"`

	Timeout   time.Duration `help:"Deadline of every call; 0 keeps each tool's own: 30s for reads, 2m for changes, 30m for pulls and compose." default:"0s"`
	LogLevel  string        `help:"debug shows every command line, with secrets masked." enum:"debug,info,warn,error" default:"info"`
	LogFormat string        `help:"Format of the log, which goes to standard error." enum:"text,json" default:"text"`
}

// host is the podman that the flags describe.
func (g *Globals) host(s *streams) *tools.Host {
	log := g.log(s)
	runner := &exec.Runner{Podman: g.Podman, Pass: g.EnvPass, Log: log, Mask: parse.Mask}
	switch {
	case g.SocketPath != "":
		runner.Globals = []string{"--remote", "--url=unix://" + g.SocketPath}
	case g.URL != "":
		runner.Globals = []string{"--remote", "--url=" + g.URL}
	case g.Connection != "":
		runner.Globals = []string{"--remote", "--connection=" + g.Connection}
	}
	return &tools.Host{Runner: runner, Compose: g.ComposeProvider, Timeout: g.Timeout, Log: log}
}

func (g *Globals) log(s *streams) zerolog.Logger {
	level, err := zerolog.ParseLevel(g.LogLevel)
	if err != nil {
		level = zerolog.InfoLevel // the flag's enum lets nothing else through
	}
	var out io.Writer = s.err
	if g.LogFormat == "text" {
		out = zerolog.ConsoleWriter{Out: s.err, NoColor: !s.terminal(s.err), TimeFormat: time.TimeOnly}
	}
	return zerolog.New(zerolog.SyncWriter(out)).Level(level).With().Timestamp().Logger()
}

// streams are the process's own; out is the protocol's while serving.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// terminal tells whether a stream is one.
func (s *streams) terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// complain writes to standard error, where nobody is left to hear of a failure.
func (s *streams) complain(format string, args ...any) {
	_, _ = fmt.Fprintf(s.err, "podman-mcp: "+format+"\n", args...)
}

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
)

const about = `Lets AI agents manage podman: containers, images and compose projects, through the Model Context Protocol.

Without a command it speaks MCP on standard input and output. An MCP client starts it so:

    claude mcp add podman -- podman-mcp        add it to Claude Code
    podman-mcp --transport http                serve many clients, by HTTP and WebSocket
    podman-mcp doctor                          is podman fit for it?
    podman-mcp call podman_ps all=true         run one tool by hand

A flag beats its environment variable, which is PODMAN_MCP_LOG_LEVEL for --log-level, and that beats its key in the JSON file that --config names, which is "log-level".`

type cli struct {
	Globals

	Serve   serveCmd   `cmd:"" default:"1" help:"Speak MCP with clients (the default)."`
	Call    callCmd    `cmd:"" help:"Run one tool and print its result."`
	Tools   toolsCmd   `cmd:"" help:"List the tools."`
	Doctor  doctorCmd  `cmd:"" help:"Check podman and its surroundings, and say how to mend what is wrong."`
	Health  healthCmd  `cmd:"" help:"Ask a running server whether it is healthy."`
	Token   tokenCmd   `cmd:"" help:"Print the token that network clients need."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// Globals are the flags of every command.
type Globals struct {
	Config configFile `help:"JSON file with values for these flags." placeholder:"FILE"`

	Podman     program    `help:"Podman's executable, a name or a path." default:"podman" placeholder:"FILE"`
	SocketPath socketPath `help:"Use podman's service at this socket." placeholder:"PATH"`
	URL        serviceURL `name:"url" help:"Use podman's service at unix://PATH, tcp://HOST:PORT or ssh://USER@HOST/PATH." placeholder:"URL"`
	Connection connection `help:"Use one of podman's own connections (podman system connection ls)." placeholder:"NAME"`
	EnvPass    variables  `help:"Further environment variables that podman may see, and that agents may make secrets of." placeholder:"NAME"`

	ComposeProvider compose.Choice `help:"What runs compose files: auto, podman-compose or podman (podman compose)." enum:"auto,podman-compose,podman" default:"auto"`

	Timeout   deadline `help:"Deadline of every call, such as 90s. 0 keeps each tool's own: 30s for reads, 2m for changes, 30m for pulls and compose." default:"0s" placeholder:"TIME"`
	NoCache   bool     `help:"Run podman for every answer, also where nothing has changed since it gave the same one."`
	LogLevel  string   `help:"debug, info, warn or error. debug shows every command line, with secrets masked." enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL"`
	LogFormat string   `help:"Format of the log on standard error: text or json." enum:"text,json" default:"text" placeholder:"FORMAT"`

	Agents  toolFlags    `embed:"" group:"tools"`
	Watch   watchFlags   `embed:"" group:"tools"`
	Network networkFlags `embed:"" group:"network"`
}

func (g *Globals) log(s *streams) zerolog.Logger {
	level, err := zerolog.ParseLevel(g.LogLevel)
	if err != nil {
		level = zerolog.InfoLevel // the flag's enum lets nothing else through
	}
	out := s.err
	if g.LogFormat == "text" {
		out = zerolog.ConsoleWriter{Out: s.err, NoColor: !s.terminal(s.err), TimeFormat: time.TimeOnly}
	}
	return zerolog.New(zerolog.SyncWriter(out)).Level(level).With().Timestamp().Logger()
}

// settle lets the stronger of two ways to name podman's service win: a flag
// beats a variable, which beats the file. Two of the same strength are refused.
func (g *Globals) settle(parsed *kong.Context) error {
	strength := map[string]int{}
	for _, p := range parsed.Path {
		if p.Flag == nil {
			continue
		}
		strength[p.Flag.Name] = 3
		if p.Resolved {
			strength[p.Flag.Name] = 1
		}
		// stdio can have an --admin-port too.
		network := p.Flag.Group != nil && p.Flag.Group.Key == networkGroup.Key && p.Flag.Name != "transport" && p.Flag.Name != "admin-port"
		if network && !p.Resolved && g.Network.Transport == "stdio" && parsed.Command() == "serve" {
			return fmt.Errorf("--%s is for --transport websocket or http, and without that the server speaks on standard input and output", p.Flag.Name)
		}
	}
	best, chosen := 0, ""
	ways := map[string]bool{"socket-path": g.SocketPath != "", "url": g.URL != "", "connection": g.Connection != ""}
	for _, name := range []string{"socket-path", "url", "connection"} {
		if !ways[name] {
			continue
		}
		s := strength[name]
		if s == 0 {
			s = 2 // neither the command line nor the file: its variable
		}
		if s == best {
			return fmt.Errorf("--%s and --%s cannot be used together", chosen, name)
		}
		if s > best {
			best, chosen = s, name
		}
	}
	if chosen != "socket-path" {
		g.SocketPath = ""
	}
	if chosen != "url" {
		g.URL = ""
	}
	if chosen != "connection" {
		g.Connection = ""
	}
	return nil
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

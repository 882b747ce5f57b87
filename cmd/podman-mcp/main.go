// Command podman-mcp is an MCP server for podman.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// exited is how kong's wish to exit, as after --help, leaves the parser.
type exited int

// run is the whole program: it returns the exit status, which is 0, or 1 for a
// failure, or 2 for a command line that is wrong.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			status, ok := p.(exited)
			if !ok {
				panic(p)
			}
			code = int(status)
		}
	}()
	var line cli
	parser, err := kong.New(&line,
		kong.Name("podman-mcp"),
		kong.Description(about),
		kong.Writers(stdout, stderr),
		kong.Exit(func(status int) { panic(exited(status)) }),
		kong.DefaultEnvars("PODMAN_MCP"),
		kong.Configuration(kong.JSON),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"version": version},
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		panic(err) // the command line's own definition is wrong: every test sees it
	}
	io := streams{stdin, stdout, stderr}
	parsed, err := parser.Parse(args)
	if err != nil {
		io.complain("%v\nRun podman-mcp --help for the commands and flags.", err)
		return 2
	}
	if err := parsed.Run(&line.Globals, &io); err != nil {
		io.complain("%v", err)
		return 1
	}
	return 0
}

// Command podman-mcp is an MCP server for podman.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	endings := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup does
		endings = append(endings, syscall.SIGHUP)
	}
	os.Exit(run(untilSignal(endings...), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// untilSignal returns a context that ends at the first of the signals. By then a second one has its usual effect
// again: it ends the process at once.
func untilSignal(endings ...os.Signal) context.Context {
	ctx, end := context.WithCancel(context.Background())
	first := make(chan os.Signal, 1)
	signal.Notify(first, endings...)
	go func() {
		<-first
		signal.Stop(first)
		end()
	}()
	return ctx
}

// exited is an exit status whose reason has been printed already.
type exited int

func (e exited) Error() string { return "exit" }

// misuse is an error of the command line or of the configuration.
type misuse struct{ error }

// run is the whole program: it returns the exit status, which is 0, or 1 for a
// failure, or 2 for a command line or configuration that is wrong.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		// kong leaves the parser so after --help.
		switch p := recover().(type) {
		case nil:
		case exited:
			code = int(p)
		default:
			panic(p)
		}
	}()
	started := quickStart()
	line := cli{}
	io := streams{stdin, stdout, stderr}
	parser, err := kong.New(&line,
		kong.Name("podman-mcp"),
		kong.Description(about),
		kong.Writers(stdout, stderr),
		kong.Exit(func(status int) { panic(exited(status)) }),
		kong.ExplicitGroups([]kong.Group{toolGroup, networkGroup}),
		kong.DefaultEnvars("PODMAN_MCP"),
		kong.PostBuild(forgetEmpty),
		kong.ValueFormatter(func(v *kong.Value) string { return v.Help }), // the description tells the variables' names
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		panic(err) // the command line's own definition is wrong: every test sees it
	}
	parsed, err := parser.Parse(habit(args))
	if err == nil {
		err = line.settle(parsed)
	}
	if err != nil {
		io.complain("%v\nRun podman-mcp --help for the commands and flags.", err)
		return 2
	}
	var (
		status exited
		wrong  misuse
	)
	switch err := parsed.Run(&line.Globals, &io, started); {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	case errors.As(err, &wrong):
		io.complain("%v", err)
		return 2
	default:
		io.complain("%v", err)
		return 1
	}
}

// habit takes what hands type of other programs.
func habit(args []string) []string {
	switch {
	case len(args) == 1 && args[0] == "--version":
		return []string{"version"}
	case len(args) > 0 && args[0] == "help":
		return append(slices.Clone(args[1:]), "--help")
	}
	return args
}

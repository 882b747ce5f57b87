package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary stands in for podman too: see fake_test.go.
func TestMain(m *testing.M) {
	// The tests mostly wait for processes, more than there are processors.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"podman-mcp":     main,
		"talk":           func() { os.Exit(talk()) },
		"podman":         func() { os.Exit(fakePodman("podman")) },
		"podman-compose": func() { os.Exit(fakePodman("podman-compose")) },
	})
}

// TestScripts runs the command line's stories, each in a folder of its own
// where the folder podman holds what the stand-in answers.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, fakeEnv(env.WorkDir)...)
			return os.MkdirAll(filepath.Join(env.WorkDir, "podman"), 0o700)
		},
	})
}

package main

import (
	"bufio"
	"fmt"
	"os"
	osexec "os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// fakeEnv lets the stand-in below find dir/podman through the server, which
// hands on only what it is told to.
func fakeEnv(dir string) []string {
	return []string{
		"FAKE_PODMAN=" + filepath.Join(dir, "podman"),
		"PODMAN_MCP_ENV_PASS=FAKE_PODMAN,GORACE",
		"GORACE=atexit_sleep_ms=0", // a race-enabled binary otherwise sleeps a second
	}
}

// fakePodman answers from files in $FAKE_PODMAN that are named by the verb,
// such as container-inspect: .out is its output, .err its standard error and
// .exit its status, and .do names what it does then:
//
//	hang      waits until it is told to end
//	stubborn  waits, and does not end when it is told to
//	family    starts a stubborn child, and hangs
//	lines     prints a line every few milliseconds until it is told to end
//
// It writes each command line to argv and each process that waits to pids.
func fakePodman(name string) int {
	dir := os.Getenv("FAKE_PODMAN")
	if dir == "" { // as where a server looks at podman's version although its test wants nothing of it
		return 125
	}
	args := slices.DeleteFunc(slices.Clone(os.Args[1:]), func(a string) bool {
		return a == "--remote" || strings.HasPrefix(a, "--url=") || strings.HasPrefix(a, "--connection=")
	})
	note(dir, "argv", strings.Join(append([]string{name}, os.Args[1:]...), " "))
	verb := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "-") })
	if verb < 0 {
		verb = len(args)
	}
	if verb == 0 {
		args, verb = []string{"flag" + args[0]}, 1 // flag--version
	}
	file := filepath.Join(dir, strings.Join(args[:verb], "-"))
	if name != "podman" {
		file = filepath.Join(dir, name+"-"+strings.Join(args[:verb], "-"))
	}
	read := func(suffix string) string {
		text, err := os.ReadFile(file + suffix)
		if err != nil {
			return ""
		}
		return string(text)
	}
	if _, err := os.Stat(file + ".out"); err == nil {
		fmt.Print(read(".out"))
	} else if args[0] == "ps" {
		fmt.Println("[]")
	} else if runs, _ := filepath.Glob(filepath.Join(dir, "run.*")); args[0] == "version" && len(runs) > 0 {
		fmt.Println(`{"Client": {"Version": "4.3.1"}}`) // podman_run asks for it
	} else if slices.Contains(args, "--format={{.Id}} {{.State.Status}}") {
		fmt.Println(strings.Repeat("0123456789abcdef", 4), "running")
	}
	fmt.Fprint(os.Stderr, read(".err"))
	act(dir, strings.TrimSpace(read(".do")))
	code, _ := strconv.Atoi(strings.TrimSpace(read(".exit")))
	return code
}

func act(dir, what string) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, os.Interrupt, syscall.SIGTERM)
	if what != "" {
		note(dir, "pids", strconv.Itoa(os.Getpid()))
	}
	switch what {
	case "hang":
		<-told
	case "stubborn":
		for range told {
		}
	case "family":
		self, _ := os.Executable()
		child := osexec.Command(self, "child")
		child.Args[0] = "podman"
		child.Env = os.Environ()
		if err := os.WriteFile(filepath.Join(dir, "child.do"), []byte("stubborn"), 0o600); err != nil {
			panic(err)
		}
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			panic(err)
		}
		<-told
	case "lines":
		for i := 1; ; i++ {
			fmt.Println("line", i)
			select {
			case <-told:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
}

// note adds a line to a file.
func note(dir, name, line string) {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return // no test looks
	}
	defer f.Close()
	fmt.Fprintln(f, line)
}

// notes reads such a file.
func notes(dir, name string) []string {
	f, err := os.Open(filepath.Join(dir, "podman", name))
	if err != nil {
		return nil
	}
	defer f.Close()
	var lines []string
	for s := bufio.NewScanner(f); s.Scan(); {
		lines = append(lines, s.Text())
	}
	return lines
}

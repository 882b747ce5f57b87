package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
)

// talk is podman-mcp for a client that ends the server's input only when all
// that it asked is answered: without that a busy machine has a second to answer.
func talk() int {
	if err := talkTo(osexec.Command("podman-mcp", os.Args[1:]...)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func talkTo(server *osexec.Cmd) error {
	said, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	in, err := server.StdinPipe()
	if err != nil {
		return err
	}
	out, err := server.StdoutPipe()
	if err != nil {
		return err
	}
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		return err
	}
	if _, err := in.Write(said); err != nil {
		return err
	}
	open, ended := 0, false
	for line := range bytes.Lines(said) {
		open += asks(line)
	}
	answers := bufio.NewReader(out)
	for {
		line, err := answers.ReadBytes('\n')
		if _, err := os.Stdout.Write(line); err != nil {
			return err
		}
		if err != nil {
			break
		}
		if open -= asks(line); open == 0 && !ended {
			ended = true
			if err := in.Close(); err != nil {
				return err
			}
		}
	}
	return server.Wait()
}

// asks is 1 for a request, and for its answer.
func asks(line []byte) int {
	var message struct{ ID json.RawMessage }
	if json.Unmarshal(line, &message) != nil || message.ID == nil || string(message.ID) == "null" {
		return 0
	}
	return 1
}

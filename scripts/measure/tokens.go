package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	osexec "os/exec"
	"path/filepath"
	"strings"
)

// tokens counts what a model reads, in tokens of o200k: the tools that it is
// offered, and results with 100 containers beside podman's own JSON.
func (b *bench) tokens() error {
	tokenizer, why := b.tokenizer()
	if tokenizer == nil {
		fmt.Println(why)
		b.report.goals.cannot(goalTools, why)
		b.report.goals.cannot(goalTokens, why)
		return nil
	}
	if err := b.offers(tokenizer); err != nil {
		return err
	}
	return b.results(tokenizer)
}

// tokenizer counts the tokens of texts; it is nil where there is none, and why
// says what is missing.
func (b *bench) tokenizer() (count func(texts ...string) ([]int, error), why string) {
	if b.modules == "" {
		return nil, "npm could not install the tokenizer: no tokens are counted"
	}
	node, err := osexec.LookPath("node")
	if err != nil {
		return nil, "there is no node: no tokens are counted"
	}
	return func(texts ...string) (counts []int, err error) {
		in, err := json.Marshal(texts)
		if err != nil {
			return nil, err
		}
		command := osexec.CommandContext(b.ctx, node, filepath.Join(b.modules, "tokens.js"))
		command.Stdin = bytes.NewReader(in)
		var said bytes.Buffer
		command.Stderr = &said
		out, err := command.Output()
		if err != nil {
			return nil, fmt.Errorf("count tokens: %w: %s", err, said.String())
		}
		return counts, json.Unmarshal(out, &counts)
	}, ""
}

func toolsets() []string {
	return []string{"default", "containers", "images", "compose", "pods", "volumes", "networks", "secrets", "system", "machine", "kube", "all"}
}

// offers counts tools/list by toolset.
func (b *bench) offers(count func(...string) ([]int, error)) error {
	var texts, numbers []string
	list := func(c *client, err error) error {
		if err != nil {
			return err
		}
		answer, err := c.ask(b.ctx, "tools/list", map[string]any{})
		if err = errors.Join(err, c.close()); err != nil {
			return err
		}
		var listed struct {
			Result struct {
				Tools []json.RawMessage
			}
		}
		if err := json.Unmarshal(answer.line, &listed); err != nil {
			return err
		}
		text, err := json.Marshal(listed.Result.Tools)
		texts, numbers = append(texts, string(text)), append(numbers, fmt.Sprint(len(listed.Result.Tools)))
		return err
	}
	for _, set := range toolsets() {
		if err := list(b.ours(nil, "--toolsets="+set)); err != nil {
			return err
		}
	}
	if b.rivals.binary != "" {
		if err := list(b.rivals.cli(b)); err != nil {
			return err
		}
	}
	counts, err := count(texts...)
	if err != nil {
		return err
	}
	for i, set := range toolsets() {
		line := row{what: fmt.Sprintf("tools/list, %s: %s tools", set, numbers[i]), ours: fmt.Sprintf("%d tokens", counts[i])}
		if set == "default" {
			line.readme = true
			line.goal = b.report.goals.set(goalTools, counts[i] <= 12000, fmt.Sprint(counts[i]))
			if len(counts) > len(toolsets()) {
				line.cli = fmt.Sprintf("%d, %s tools", counts[len(counts)-1], numbers[len(numbers)-1])
			}
		}
		b.report.add(line)
	}
	return nil
}

// told is a result that is counted, beside podman's JSON and the other server's
// answer.
type told struct {
	tool  string
	args  map[string]any
	raw   []string
	other string
	named string
	goal  bool // it is held to one
}

// results counts results. The machine is one of 100 containers, of which one
// runs with a port, and 50 images that differ.
func (b *bench) results(count func(...string) ([]int, error)) error {
	containers, images := b.few(100, 20), b.few(50, 5)
	if err := b.containers(containers - 1); err != nil {
		return err
	}
	const served = "bench-served"
	if _, err := b.podman("run", "--detach", "--name", served, "--label", label, "--publish", "127.0.0.1::8080", "--env", "MODE=test", image, "serve"); err != nil {
		return err
	}
	remove := []string{"rmi", "--"} // or what is measured next is another machine
	for i := range images {
		name := fmt.Sprint("localhost/podman-mcp-bench:", i)
		if _, err := b.podman("commit", "--quiet", "--change", "LABEL "+label+"=", "--author", fmt.Sprint("nobody ", i), named(0), name); err != nil {
			return err
		}
		remove = append(remove, name)
	}
	list := []told{
		{"podman_ps", map[string]any{"all": true}, []string{"ps", "--all", "--format=json"}, "container_list", "", true},
		{"podman_images", nil, []string{"images", "--format=json"}, "image_list", "", false},
		{"podman_events", nil, []string{"events", "--stream=false", "--since=1h", "--format=json"}, "", "", false},
		{"podman_inspect", map[string]any{"container": served}, []string{"container", "inspect", served}, "container_inspect", served, false},
		{"podman_info", nil, []string{"info", "--format=json"}, "", "", false},
		{"podman_system_prune", nil, []string{"ps", "--all", "--size", "--format=json"}, "", "", false},
	}
	w, err := b.witnesses()
	if err != nil {
		return err
	}
	texts, err := b.tell(w, list)
	if err = errors.Join(err, w.end()); err != nil {
		return err
	}
	counts, err := count(texts...)
	if err != nil {
		return err
	}
	for i, t := range list {
		ours, raw := counts[4*i], counts[4*i+1]
		part := float64(ours) / float64(raw)
		line := row{what: fmt.Sprintf("%s, %d containers, %d images", t.tool, containers, images+1), ours: fmt.Sprintf("%d tokens", ours), raw: fmt.Sprint(raw),
			ratio: fmt.Sprintf("%.3f of podman's", part)}
		if t.other != "" && w.cli != nil {
			line.cli, line.rest = fmt.Sprint(counts[4*i+2]), fmt.Sprint(counts[4*i+3])
		}
		line.readme = t.goal
		switch {
		case t.goal && b.quick:
			b.report.goals.cannot(goalTokens, "a quick run has 20 containers")
		case t.goal:
			line.goal = b.report.goals.set(goalTokens, part <= 0.1, fmt.Sprintf("%.3f", part))
		}
		b.report.add(line)
	}
	if _, err := b.podman("rm", "--force", "--time=0", "--", served); err != nil {
		return err
	}
	_, err = b.podman(remove...)
	return err
}

// tell gathers four texts of each: ours, podman's and the other server's two.
func (b *bench) tell(w witnesses, list []told) (texts []string, err error) {
	ask := func(c *client, tool string, args map[string]any) {
		if c == nil || tool == "" || err != nil {
			texts = append(texts, "")
			return
		}
		var answer reply
		if answer, err = c.call(b.ctx, tool, args); err == nil {
			var said struct {
				Result struct{ Content []struct{ Text string } }
			}
			err = json.Unmarshal(answer.line, &said)
			var words []string
			for _, c := range said.Result.Content {
				words = append(words, c.Text)
			}
			texts = append(texts, strings.Join(words, "\n"))
		}
	}
	for _, t := range list {
		ask(w.fresh, t.tool, t.args)
		if err != nil {
			return nil, err
		}
		raw, failed := b.podman(t.raw...)
		if failed != nil {
			return nil, failed
		}
		texts = append(texts, raw)
		args := map[string]any{}
		if t.named != "" {
			args["name"] = t.named
		}
		ask(w.cli, t.other, args)
		ask(w.rest, t.other, args)
	}
	return texts, err
}

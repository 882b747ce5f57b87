package tools

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"podman-mcp/exec"
	"podman-mcp/parse"
)

var podmanSecretCreate = act(Tool{
	Name: "podman_secret_create", Title: "Create a secret", Effect: Changes, Toolset: Secrets,
	About: "Keeps a value for containers, such as a password, under a name. It comes from a file on the server's machine, byte for byte, " +
		"or from an environment variable of the server that the operator passes on (--env-pass); it is never shown again. " +
		"An existing secret is not replaced: podman_secret_rm removes it.",
}, secretCreate)

// SecretCreateParams are the parameters of podman_secret_create.
type SecretCreateParams struct {
	Name   Name     `json:"name" jsonschema:"The new secret's name"`
	File   File     `json:"file,omitempty" jsonschema:"Path of the file that holds the value; this or env"`
	Env    Variable `json:"env,omitempty" jsonschema:"Name of the variable that holds the value; this or file"`
	Labels []Label  `json:"labels,omitempty" jsonschema:"Each KEY=VALUE"`
}

// SecretCreateResult is the result of podman_secret_create.
type SecretCreateResult struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// secretCreate has podman itself read the value, from the file or from its own
// environment: it never passes through this server, a command line or a log.
func secretCreate(ctx context.Context, c *Call, in SecretCreateParams) (SecretCreateResult, error) {
	var source string
	var err error
	switch {
	case (in.File == "") == (in.Env == ""):
		return SecretCreateResult{}, invalid("file", "the value comes from file or from env; give one of the two")
	case in.Env != "":
		source, err = string(in.Env), c.passes(in.Env)
	default:
		source, err = c.secretFile(string(in.File))
	}
	if err != nil {
		return SecretCreateResult{}, err
	}
	result, err := c.finish(ctx, exec.Podman("secret", "create").Flag("env", in.Env != "").
		Text("label", words(in.Labels)...).Operand(string(in.Name), source))
	if err != nil {
		return SecretCreateResult{}, err
	}
	id := strings.TrimSpace(string(result.Stdout))
	if id == "" {
		return SecretCreateResult{}, parse.OutputInvalidError("the new secret's id", result.Stdout, nil)
	}
	if err := c.unmade(ctx, exec.Podman("secret", "rm").Operand(id)); err != nil {
		return SecretCreateResult{}, err
	}
	return SecretCreateResult{ID: id[:min(12, len(id))], Name: string(in.Name)}, nil
}

// passes refuses variables that the operator did not name. What an agent puts
// into a secret it can read in a container, and the server's environment may
// hold what is none of its business.
func (c *Call) passes(variable Variable) error {
	if slices.Contains(c.Runner.Pass, string(variable)) {
		return nil
	}
	return &parse.Failure{Code: parse.PolicyDenied, Subject: "env",
		Message: fmt.Sprintf("env: the operator does not pass the variable %s on", variable),
		Hint: "Nothing was run. The operator allows variables with --env-pass; those allowed: " +
			cmp.Or(strings.Join(c.Runner.Pass, ", "), "none") + ". Or give the value in a file."}
}

// secretFile returns the plain path of a file whose value podman can read. A
// pipe would keep it waiting for ever.
func (c *Call) secretFile(path string) (string, error) {
	actual, err := c.Roots.Source("file", path)
	if err != nil {
		return "", err
	}
	about, err := os.Stat(actual)
	switch {
	case err != nil:
		return "", invalid("file", "%s does not exist or cannot be read", short([]byte(path)))
	case !about.Mode().IsRegular():
		return "", invalid("file", "%s is no plain file", short([]byte(path)))
	}
	return actual, nil
}

package tools

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"podman-mcp/fixtures"
)

// secretsIn are places in podman's output where people's secrets come to lie, and what is put there.
var secretsIn = []struct{ place, with string }{
	{`"Env": ?\[`, `${0}"DBPASS=leak 1","MESSAGE={\"token\":\"leak-2\"}",`},
	{`"(?:Cmd|Args|Entrypoint)": ?\[\s*"`, `${0}sh","--password","leak-3","-c","mysql -uroot -pleak-4","`},
	{`"CreateCommand": ?\[`, `${0}"podman","run","-e","SMTP_PASSWD=leak 5","--env=API_KEY=leak-6",`},
	{`(?:"Labels"|"labels"|"Annotations"|"Options"|"options"): ?\{\s*"`, `${0}api.key":"leak-7","url":"https://me:leak-8@example.com/","`},
	{`"(?:created_by|CreatedBy|comment)": ?"`, `${0}/bin/sh -c #(nop) ENV MYSQLPASS=two leak-9"},{${0}curl -u me:leak-10 -H 'X-Api-Key: leak-11' `},
	{`"(?:Error|Output)": ?"`, `${0}dial postgres://app:leak-12@db: GH_TOKEN=leak-13 `},
	{`(?m)^Error: .*$`, `GITLAB_TOKEN2=leak-14 redis-cli -a leak-15 ` + "\n" + `${0}`},
}

// TestNoSecretShows puts secrets into what podman was recorded to print, and looks for them in what clients get.
func TestNoSecretShows(t *testing.T) {
	places := map[int]map[string]bool{} // the tools whose recordings have it
	for i := range secretsIn {
		shape := regexp.MustCompile(secretsIn[i].place)
		places[i] = map[string]bool{}
		for _, file := range recordings(t) {
			r, err := fixtures.Read(file)
			if err != nil {
				t.Fatal(err)
			}
			if usesPath(r) || r.Call.Cancel > 0 || strings.Contains(r.Call.Tool, "_logs") || strings.Contains(r.Call.Tool, "_exec") || !r.Ends() {
				continue // what a program prints is not masked
			}
			put := false
			for n := range r.Processes {
				p := &r.Processes[n]
				if !json.Valid([]byte(p.Stdout)) && !strings.HasPrefix(p.Stderr, "Error: ") {
					continue
				}
				out, text := shape.ReplaceAllString(p.Stdout, secretsIn[i].with), shape.ReplaceAllString(p.Stderr, secretsIn[i].with)
				put = put || out != p.Stdout || text != p.Stderr
				p.Stdout, p.Stderr = out, text
			}
			if !put || places[i][r.Call.Tool] {
				continue
			}
			places[i][r.Call.Tool] = true
			r.Progress = ""
			name, _ := filepath.Rel(recordingsFolder, file)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				got := perform(t, r, fixtures.Play)
				record, err := json.Marshal(got.result)
				if err != nil {
					t.Fatal(err)
				}
				if at := strings.Index(string(record), "leak"); at >= 0 {
					t.Errorf("a secret shows: %s", record[max(0, at-200):min(len(record), at+60)])
				}
			})
		}
	}
	for i, s := range secretsIn {
		if len(places[i]) == 0 {
			t.Errorf("no recording has %s", s.place)
		}
	}
}

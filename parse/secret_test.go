package parse

import (
	"reflect"
	"strings"
	"testing"
)

func TestSecretKey(t *testing.T) {
	for key, want := range map[string]bool{
		"PASSWORD": true, "PGPASSWORD": true, "MYSQL_ROOT_PASSWORD": true, "db.password": true, "dbPassword": true,
		"passwd": true, "SECRET": true, "client-secret": true, "SECRET_KEY_BASE": true, "TOKEN": true, "GITHUB_TOKEN": true,
		"accessToken": true, "API_KEY": true, "apikey": true, "APIKey": true, "X_API_KEY": true, "AWS_ACCESS_KEY_ID": true,
		"AWS_SECRET_ACCESS_KEY": true, "SSH_PRIVATE_KEY": true, "CREDENTIALS": true, "GH_PAT": true, "BASIC_AUTH": true,
		"auth": true, "_auth": true, "NPM_CONFIG__AUTH": true, "DB_PASS": true, "SA_PWD": true, "JWT": true, "TS_AUTHKEY": true,
		"Authorization": true, "PASSPHRASE": true, "--password": true,

		"": false, "PATH": false, "AUTHOR": false, "KEYBOARD": false, "COMPAT": false, "PWD": false, "OLDPWD": false, "KEY": false,
		"PUBLIC_KEY": false, "BYPASS": false, "PASS_THROUGH": false, "COMPASS": false, "SSH_AUTH_SOCK": false, "MAX_TOKENS": false,
		"TOKENIZER": false, "TOKENIZERS_PARALLELISM": false, "POSTGRES_PASSWORD_FILE": false, "POSTGRES_HOST_AUTH_METHOD": false,
		"SECRETARY": true, // rather one too many
		"HOME":      false, "LANG": false, "GOPATH": false, "MONKEY": false, "PATTERN": false, "AUTHORITY": false, "PRIMARY_KEY": false,
	} {
		if got := SecretKey(key); got != want {
			t.Errorf("%s: %v", key, got)
		}
	}
}

func TestMask(t *testing.T) {
	long := strings.Repeat("a1B2", 10)
	for in, want := range map[string]string{
		"":                       "",
		"plain text, a=b c=d":    "plain text, a=b c=d",
		"PASSWORD=x":             "PASSWORD=***",
		"PASSWORD=":              "PASSWORD=",
		"run -e PASSWORD=x y":    "run -e PASSWORD=*** y",
		`"PASSWORD=two words" z`: `"PASSWORD=***" z`,
		`PASSWORD="two words" z`: `PASSWORD=*** z`,
		`PASSWORD='two words' z`: `PASSWORD=*** z`,
		"--env=PASSWORD=x":       "--env=PASSWORD=***",
		"a=b PASSWORD=x c=d":     "a=b PASSWORD=*** c=d",
		"PATH=/a:/b AUTHOR=me":   "PATH=/a:/b AUTHOR=me",
		"see ghp_" + long:        "see ***",
		"github_pat_" + long:     "***",
		"glpat-" + long[:20]:     "***",
		"key sk-proj-" + long:    "key ***",
		"task-force risk-management-and-more-words": "task-force risk-management-and-more-words",
		"xoxb-" + long:         "***",
		"AKIAIOSFODNN7EXAMPLE": "***",
		"AIza" + long:          "***",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-": "***",
		"Authorization: Bearer " + long:             "Authorization: Bearer ***",
		"the bearer of news":                        "the bearer of news",
		"postgres://u:p@h/db":                       "postgres://u:***@h/db",
		"http://h:80/a@b":                           "http://h:80/a@b",
		"redis://:p@h":                              "redis://:***@h",
		"-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nrest": "***\nrest",
		"-----BEGIN PRIVATE KEY-----\nabc":                                          "***",
	} {
		if got := Mask(in); got != want {
			t.Errorf("%q:\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestMaskLists(t *testing.T) {
	in := []string{"A=b", "PASSWORD=x y=z", "EMPTY_SECRET=", "alone", "URL=http://u:p@h"}
	if got, want := MaskEnv(in), []string{"A=b", "PASSWORD=***", "EMPTY_SECRET=", "alone", "URL=http://u:***@h"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	words := []string{"run", "-e", "PASSWORD=a b", "--password", "x", "--token=y", "--env=API_KEY=z", "-eTOKEN=q", "--tls-verify", "img", "--passwd", "img"}
	want := []string{"run", "-e", "PASSWORD=***", "--password", "***", "--token=***", "--env=API_KEY=***", "-eTOKEN=***", "--tls-verify", "img", "--passwd", "img"}
	if got := MaskArgs(words); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	if words[4] != "x" {
		t.Error("the input was changed")
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "",
		"plain\tä☃日本\n":                         "plain\tä☃日本\n",
		"a\r\nb":                                "a\nb",
		"\x1b[31mred\x1b[0m":                    "red",
		"\x1b[38;5;1mx\x1b[K":                   "x",
		"\x1b]0;title\abody":                    "body",
		"\x1b]8;;http://x\x1b\\l\x1b]8;;\x1b\\": "l",
		"\x1bPq#0\x1b\\x":                       "x",
		"\x1b(Bx\x1b7y\x1bMz":                   "xyz",
		"\u009b31mred\u009d0;t\u009cx":          "redx",
		"a\x1b":                                 "a",
		"a\x1b[":                                "a",
		"a\x1b]never ends":                      "anever ends",
		"bell\a nul\x00 del\x7f bs\b":           "bell nul del bs",
		"\u200babc\u202edef\u2066\ufeff":        "abcdef",
		"so\u00adft":                            "soft",
		"tag\U000e0041\U000e007f":               "tag",
		"bad\xff\xfe":                           "bad\ufffd\ufffd",
		"ok\ufffd":                              "ok\ufffd",
		"\x1b[1A\x1b[JCopying":                  "Copying",
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if n := testing.AllocsPerRun(10, func() { Clean("grüße, nothing to do\n") }); n != 0 {
		t.Errorf("%v allocations for clean text", n)
	}
}

package parse

import (
	"strings"
	"testing"
)

// shown is a text, and what of it must not be seen.
type shown struct{ text, secret string }

// The secrets are put together here so that nobody's scanner takes this file for a leak.
func secretTexts() []shown {
	const a = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0" // 40
	hex := strings.Repeat("0123456789abcdef", 4)
	at := func(format, secret string) shown { return shown{strings.ReplaceAll(format, "@@", secret), secret} }
	return []shown{
		// by shape, wherever they stand
		at("token @@ is bad", "ghp_"+a[:36]), at("@@", "gho_"+a[:36]), at("x=@@", "ghs_"+a[:36]), at("'@@'", "github_pat_"+a),
		at("https://oauth2:@@@gitlab.example.com/a.git", "glpat-"+a[:20]), at("clone @@", "gldt-"+a[:20]),
		at("sk @@", "sk_"+"live_"+a[:24]), at("sk @@", "rk_"+"live_"+a[:24]), at("sk @@", "sk_"+"test_"+a[:24]), at("hook @@", "whsec_"+a[:32]),
		at("slack @@", "xoxb-"+"123456789012-"+a[:24]), at("slack @@", "xoxp-"+a[:30]), at("slack @@", "xapp-"+"1-"+a[:20]),
		at("https://hooks.slack.com/services/@@", "T00000000/B00000000/"+a[:24]),
		at("https://discord.com/api/webhooks/123456789012345678/@@", a),
		at("aws @@", "AKIA"+"IOSFODNN7EXAMPLE"), at("aws @@", "ASIA"+"IOSFODNN7EXAMPLE"),
		at("aws_secret_access_key = @@", "wJalrXUtnFEMI/K7MDENG/"+a[:18]), at("AWS_SECRET_ACCESS_KEY=@@", "wJalrXUtnFEMI/K7MDENG+"+a[:18]),
		at("maps @@", "AIza"+a[:35]), at("//registry.npmjs.org/:_authToken=@@", "npm_"+a[:36]), at("hub @@", "hf_"+a[:34]),
		at("docker @@", "dckr_pat_"+a[:27]), at("jwt @@", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0."+a),
		at("twine @@", "pypi-"+a), at("@@", "dop_v1_"+hex), at("@@", "shpat_"+hex[:32]), at("@@", "SG."+a[:22]+"."+a),
		at("vault @@", "hvs."+a[:24]), at("@@", "AGE-SECRET-KEY-1"+strings.ToUpper(a)), at("@@", "ya29."+a), at("@@", "sk-ant-api03-"+a),
		at("@@", "dapi"+hex[:32]), at("bot 123456789:@@", "AA"+a[:33]), at("@@", "tskey-auth-"+a[:20]),
		at("key: @@\nend", "-----BEGIN OPENSSH PRIVATE KEY-----\n"+a+"\n-----END OPENSSH PRIVATE KEY-----"),
		at("@@", "-----BEGIN PRIVATE KEY-----\n"+a), at("@@", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"+a),
		// by name
		at("DBPASS=@@", "hunter2"), at("DBPWD=@@", "hunter2"), at("MYSQL_PWD=@@", "hunter2"), at("DB_PASS_2=@@", "hunter2"),
		at("GITLAB_TOKEN2=@@", "hunter2"), at("SMTP_PASSWD='@@'", "hunter 2"), at("AUTH_SALT=@@", "hunter2"), at("X_CREDENTIALS=@@", "hunter2"),
		at(`CONFIG={"db": {"password": "@@", "port": 5432}}`, `hun\"ter2`), at(`{"a":"{\"apiKey\":\"@@\"}"}`, "hunter2"),
		at(`{"auths":{"r.example":{"auth":"@@"}}}`, "dXNlcjpwYXNz"), at("db:\n  user: a\n  password: @@\n  port: 1", "hunter 2"),
		at("Server=db;User Id=sa;Password=@@", "hunter2"), at("AccountKey=@@", a+"=="), at("?X-Amz-Signature=@@", hex),
		// by where they stand
		at("Authorization: Bearer @@", a), at("authorization: token @@", a), at("curl -H 'X-Api-Key: @@' h", a), at("PRIVATE-TOKEN: @@", a),
		at("postgres://app:@@@db/app", "hunter2"), at("amqp://:@@@mq", "hunter2"), at("root:@@@tcp(db:3306)/app", "hunter2"),
		at("redis-server --requirepass @@ --port 1", "hunter2"), at("app --password @@", "-hunter2"), at("app --password '@@' x", "hunter 2"),
		at("java -password @@ -jar x", "hunter2"), at("openssl rsa -passin pass:@@", "hunter2"), at(`CMD ["redis-server","--requirepass","@@"]`, "hunter2"),
		at("mysqldump -u root -p@@ app", "hunter2"), at(`CMD ["mysqladmin", "ping", "-p@@"]`, "hunter2"), at("sh -c 'mariadb -uroot -p@@'", "hunter2"),
		at("sshpass -p @@ ssh h", "hunter2"), at("redis-cli -a @@ ping", "hunter2"), at("curl -u me:@@ https://h", "hunter2"),
		at("docker login -u me -p @@ r.example", "hunter2"),
	}
}

// harmless texts look like secrets to a careless eye. They stay as they are.
var harmless = []string{
	"PWD=/srv", "OLDPWD=/tmp", "TOKENIZERS_PARALLELISM=false", "PASSENGERS=3", "MAX_TOKENS=4096", "BYPASS=1", "COMPASS=north", "PATH=/usr/bin:/bin",
	"SSH_AUTH_SOCK=/tmp/a", "POSTGRES_PASSWORD_FILE=/run/secrets/pw", "POSTGRES_HOST_AUTH_METHOD=trust", "SECRET_NAME=web", "TOKEN_TTL=3600",
	"AUTHOR=me", "KEYBOARD=us", "PUBLIC_KEY=abc", "sha256:" + "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0",
	"9834876dcfb0", "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0", "docker.io/library/nginx@sha256:" + "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0",
	"unknown flag: --password", "the --password-stdin and --password flags exclude each other", "podman run -p8080:80 -p127.0.0.1:53:53/udp nginx",
	"http-server -p 8080 -prune", "find / -print0", "mysql -p app", "git@github.com:owner/repo.git", "https://example.com:8443/a@b",
	"the bearer of news", "task-force risk-management-and-more-words", "--secret web,type=env", "12:34:56 ready: yes", "ERROR: no such image: web",
	"2026-01-02T03:04:05Z level=info msg=ok", "curl -u me https://h", "ssh://git@example.com/x", "monkey=banana", "tag: v1.2.3-rc1", "pk_" + "live_51abcdefghijklmnop",
}

func TestSecretTexts(t *testing.T) {
	list := secretTexts()
	if len(list) < 50 || len(harmless) < 30 {
		t.Fatalf("%d secrets and %d harmless texts", len(list), len(harmless))
	}
	for _, s := range list {
		for where, got := range map[string]string{
			"a text":             Mask(s.text),
			"a variable":         strings.Join(MaskEnv([]string{"A=1", "MESSAGE=" + s.text}), "\n"),
			"a command's word":   strings.Join(MaskArgs([]string{"sh", "-c", s.text}), "\n"),
			"an error of podman": Classify("Error: something: "+s.text, 125).Error() + Details(s.text),
			"no JSON":            OutputInvalidError("JSON", []byte(s.text), nil).Error() + OutputInvalidError("JSON", []byte(s.text), nil).Details,
		} {
			if strings.Contains(got, s.secret) {
				t.Errorf("%s shows in %s: %s", s.secret, where, got)
			}
		}
	}
	for _, text := range harmless {
		if got := Mask(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
		if got := strings.Join(MaskArgs(strings.Fields(text)), " "); got != text && !strings.Contains(text, "flag") { // prose is no command line
			t.Errorf("the words of %q became %q", text, got)
		}
		if got := MaskEnv([]string{text})[0]; got != text {
			t.Errorf("%q became the variable %q", text, got)
		}
	}
}

func TestSecretWords(t *testing.T) {
	for line, secret := range map[string]string{
		"redis-server --requirepass hunter2":         "hunter2",
		"app --password -hunter2":                    "hunter2",
		"mysqladmin ping -phunter2":                  "hunter2",
		"docker-entrypoint.sh mysql -uroot -phunter": "hunter",
		"--default-authentication -pS3cret!x":        "S3cret",
		"sshpass -p hunter2 ssh h":                   "hunter2",
		"/usr/bin/redis-cli -a hunter2 ping":         "hunter2",
		"curl --user me:hunter2 h":                   "hunter2",
		"app --db-password=hunter2":                  "hunter2",
		"app -e DBPASS=hunter2":                      "hunter2",
		"podman login -u me -p hunter2 r.example":    "hunter2",
	} {
		if got := strings.Join(MaskArgs(strings.Fields(line)), " "); strings.Contains(got, secret) || !strings.Contains(got, mask) {
			t.Errorf("%s: %s", line, got)
		}
	}
}

func TestHistoryMasks(t *testing.T) {
	for step, want := range map[string]string{
		`/bin/sh -c #(nop)  ENV A=1 DB_PASS=two words`:          `/bin/sh -c #(nop) ENV A=1 DB_PASS=***`,
		`ENV DB_PASS=\"two words\" B=2`:                         `ENV DB_PASS=*** B=2`,
		`|2 A=1 TOKEN=two words /bin/sh -c make PASSWORD=x all`: `|2 A=1 TOKEN=*** /bin/sh -c make PASSWORD=*** all`,
		`/bin/sh -c #(nop) CMD [\"app\",\"--password\",\"x\"]`:  `/bin/sh -c #(nop) CMD ["app","--password","***"]`,
		`RUN PASSWORD=x make all`:                               `RUN PASSWORD=*** make all`,
		`ENV PATH=/a:/b LANG=C`:                                 `ENV PATH=/a:/b LANG=C`,
	} {
		list, err := History([]byte(`[{"id":"1","CreatedBy":"` + step + `"}]`))
		if err != nil || list[0].CreatedBy != want {
			t.Errorf("%s: %+v %v", step, list, err)
		}
	}
}

package parse

import (
	"slices"
	"strings"
	"unicode"
)

const mask = "***"

// SecretKey tells whether the value under this name is likely a secret: PGPASSWORD, apiKey, GH_PAT, db.auth.
// It looks at the words of the name, so PATH, AUTHOR, KEYBOARD and COMPAT are none, and neither is a name that
// says its value is a path, a number or a switch (POSTGRES_PASSWORD_FILE, SSH_AUTH_SOCK, MAX_TOKENS).
func SecretKey(key string) bool {
	words := keyWords(key)
	if len(words) == 0 || len(key) > 255 {
		return false
	}
	last := words[len(words)-1]
	if slices.Contains(harmlessEnds, last) {
		return false
	}
	for i, w := range words {
		w = strings.TrimRight(w, "0123456789") // TOKEN2
		switch {
		case strings.Contains(w, "password"), strings.Contains(w, "passwd"), strings.Contains(w, "passphrase"),
			strings.Contains(w, "secret"), strings.Contains(w, "credential"), strings.Contains(w, "apikey"),
			strings.HasSuffix(w, "token"), w == "authorization", w == "jwt", w == "bearer", w == "authkey",
			w == "passin", w == "passout", w == "mnemonic":
			return true
		case w == "tokens":
			return !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(counters, w) })
		case w == "key" && i > 0 && slices.Contains(keyKinds, words[i-1]):
			return true
		case w == "accesskey", w == "privatekey", w == "secretkey":
			return true
		}
	}
	if strings.Trim(last, "0123456789") == "" && len(words) > 1 { // DB_PASS_2
		words = words[:len(words)-1]
	}
	last = strings.TrimRight(words[len(words)-1], "0123456789")
	switch last {
	case "auth", "creds", "cred", "pat", "passcode":
		return true
	case "pwd", "salt", "signature": // PWD and OLDPWD are folders
		return len(words) > 1
	case "oldpwd":
		return false
	}
	switch {
	case strings.HasSuffix(last, "pass"): // DBPASS and requirepass
		return !slices.Contains(passWords, last)
	case strings.HasSuffix(last, "pwd"):
		return true
	}
	return len(words) > 1 && words[len(words)-2] == "auth" && (last == "header" || last == "data" || last == "config")
}

var (
	harmlessEnds = []string{"file", "path", "dir", "sock", "socket", "length", "enabled", "disabled", "type", "method", "ttl", "expiry",
		"name", "stdin", "timeout", "endpoint", "limit", "count", "policy"}
	passWords = []string{"bypass", "compass", "encompass", "overpass", "surpass", "trespass", "underpass"}
	counters  = []string{"max", "min", "num", "limit", "count", "total"}
	keyKinds  = []string{"access", "api", "private", "secret", "auth", "signing", "encryption", "master", "account", "service", "ssh", "app", "license", "deploy", "shared"}
)

// keyWords splits DB_PASSWORD, db.password and dbPassword alike into lower-case words.
func keyWords(key string) []string {
	var words []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	runes := []rune(key)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush()
			continue
		}
		if unicode.IsUpper(r) && i > 0 {
			afterLower := unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1])
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])
			if afterLower || beforeLower {
				flush()
			}
		}
		word = append(word, r)
	}
	flush()
	return words
}

// Mask replaces secrets in a text with ***: the value of KEY=VALUE, "KEY":"VALUE", a line KEY: VALUE and --KEY
// VALUE where [SecretKey] holds, tokens of known shape, private keys, "Bearer …", the password in a URL, and what
// programs such as mysql take for a password (-pVALUE). It is a net, not a wall: a secret without a name or a
// shape passes.
func Mask(s string) string {
	if strings.Contains(s, "PRIVATE KEY") {
		s = privateKey().ReplaceAllString(s, mask)
	}
	if strings.Contains(s, "://") {
		s = userinfo().ReplaceAllString(s, "${1}:"+mask+"@")
	}
	if assignsSecret(s) {
		s = maskAssignments(s)
	}
	if containsAny(s, ":", " = ") {
		s = maskPairs(s)
	}
	if strings.IndexByte(s, '-') >= 0 {
		s = maskFlags(s)
	}
	if len(s) < 10 { // no token is shorter
		return s
	}
	if containsAny(s, "earer ", "EARER ", "asic ", "ASIC ") {
		s = authScheme().ReplaceAllString(s, "${1} "+mask)
	}
	return maskTokens(s)
}

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

// assignsSecret tells whether a word before any = names a secret, which most texts spare the regular expression.
func assignsSecret(s string) bool {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], '=')
		if i < 0 {
			return false
		}
		end := from + i
		start := end
		for start > from && isKeyByte(s[start-1]) {
			start--
		}
		if start < end && SecretKey(s[start:end]) {
			return true
		}
		from = end + 1
	}
}

func isKeyByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-'
}

// maskAssignments goes from one KEY= to the next, and looks again inside a value that it lets stand:
// --env=PASSWORD=x holds two.
func maskAssignments(s string) string {
	var b strings.Builder
	for {
		m := assignment().FindStringSubmatchIndex(s)
		if m == nil {
			b.WriteString(s)
			return b.String()
		}
		key, value := m[2:4], m[4:6]
		for i := 6; i < len(m); i += 4 {
			if m[i] >= 0 {
				key, value = m[i:i+2], m[i+2:i+4]
			}
		}
		if SecretKey(s[key[0]:key[1]]) && value[1] > value[0] {
			b.WriteString(s[:value[0]] + mask)
			s = s[value[1]:]
			continue
		}
		b.WriteString(s[:value[0]])
		s = s[value[0]:]
	}
}

// MaskEnv masks a list of KEY=VALUE: the whole value where the key names a secret, else what [Mask] finds. The
// list is a new one.
func MaskEnv(list []string) []string {
	masked := make([]string, len(list))
	for i, entry := range list {
		key, value, ok := strings.Cut(entry, "=")
		if ok {
			masked[i] = key + "=" + maskValue(key, value)
		} else {
			masked[i] = Mask(entry)
		}
	}
	return masked
}

// MaskArgs masks the words of a command line: what [Mask] finds in a word, and whole words after a flag that
// names a secret (--password x) or an environment variable (-e KEY=VALUE), and what looks like a password in one
// word with its flag (-pX). The list is a new one.
func MaskArgs(words []string) []string {
	masked := make([]string, len(words))
	program := ""
	for i, word := range words {
		before := ""
		if i > 0 {
			before = words[i-1]
			program = programOf(program, before)
		}
		flag, value, both := strings.Cut(word, "=")
		from, secret := passwordIn(program, before, word)
		switch {
		case secret:
			masked[i] = word[:from] + mask
		case before == "-e" || before == "--env" || before == "-l" || before == "--label" || before == "--build-arg":
			masked[i] = MaskEnv(words[i : i+1])[0]
		case secretFlag(before) && !strings.HasPrefix(word, "--"):
			masked[i] = mask
		case likePassword(word):
			masked[i] = word[:2] + mask
		case both && (flag == "--env" || flag == "--label" || flag == "--build-arg"):
			masked[i] = flag + "=" + MaskEnv([]string{value})[0]
		case both && strings.HasPrefix(word, "-e") && !strings.HasPrefix(word, "--"):
			masked[i] = "-e" + MaskEnv([]string{word[2:]})[0]
		case both && SecretKey(flag):
			masked[i] = flag + "=" + maskValue(flag, value)
		default:
			masked[i] = Mask(word)
		}
	}
	return masked
}

// maskValue masks the value of a key. An empty value stays: that it is empty is worth knowing.
func maskValue(key, value string) string {
	if value != "" && SecretKey(key) {
		return mask
	}
	return Mask(value)
}

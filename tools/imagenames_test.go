package tools

import "testing"

func TestImageNames(t *testing.T) {
	for tag, want := range map[string]string{
		"web":                  "localhost/web:latest",
		"web:1":                "localhost/web:1",
		"team/web":             "localhost/team/web:latest",
		"localhost/web":        "localhost/web:latest",
		"localhost:5000/web:2": "localhost:5000/web:2",
		"quay.io/team/web":     "quay.io/team/web:latest",
		"docker.io/nginx:1":    "docker.io/library/nginx:1",
	} {
		if got := localName(tag); got != want {
			t.Errorf("%s is called %s, want %s", tag, got, want)
		}
	}
	both := []string{"docker.io/library/web:latest", "localhost/web:latest", "quay.io/web:1"}
	for word, want := range map[string]string{
		"web":            "localhost/web:latest",
		"docker.io/web":  "docker.io/library/web:latest",
		"quay.io/web:1":  "quay.io/web:1",
		"0123456789abcd": "0123456789abcd",
	} {
		if got := fullName(word, both); got != want {
			t.Errorf("%s means %s, want %s", word, got, want)
		}
	}
	if got := fullName("web", both[:1]); got != both[0] {
		t.Errorf("web means %s where there is no other", got)
	}
}

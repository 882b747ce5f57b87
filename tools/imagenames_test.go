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
}

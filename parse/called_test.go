package parse

import "testing"

// A word names what has it as its name, or as twelve digits of its id, and nothing else.
func TestCalled(t *testing.T) {
	container := `[{"Id":"aee789aee789aee789aee789","Name":"web"}]`
	image := `[{"Id":"aee789aee789aee789aee789","RepoTags":["localhost/tools/bb:1","quay.io/x/cafe:latest"]}]`
	for _, test := range []struct {
		out, word string
		want      bool
	}{
		{container, "web", true}, {container, "we", false}, {container, "a", false}, {container, "aee789", false},
		{container, "aee789aee789", true}, {container, "aee789aee788", false},
		{image, "bb", true}, {image, "localhost/tools/bb:1", true}, {image, "cafe", true}, {image, "aee789", false},
		{image, "a", false}, {image, "aee789aee789", true},
		{`[{"Name":"datavol"}]`, "data", false}, {`[{"Name":"datavol"}]`, "datavol", true},
		{`{"Id":"aee789aee789aee789aee789","Name":"pod"}`, "a", false}, {`[{"name":"podman","id":"2f259bab93aa"}]`, "podman", true},
		{`[{"ID":"0b9328e856088cb3b76b61224","Spec":{"Name":"token"}}]`, "token", true}, {`[{"ID":"0b9328e856088cb3b76b61224","Spec":{"Name":"token"}}]`, "0b", false},
	} {
		if got := Called([]byte(test.out), test.word); got != test.want {
			t.Errorf("%s is called %q: %v", test.out, test.word, got)
		}
	}
}

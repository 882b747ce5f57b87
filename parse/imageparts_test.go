package parse

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestHistory(t *testing.T) {
	for version, out := range stdout(t, "history") {
		t.Run(version, func(t *testing.T) {
			list, err := History(out)
			if err != nil || len(list) < 12 {
				t.Fatal(list, err)
			}
			top := list[0]
			if len(top.ID) != 12 || !strings.HasPrefix(top.Created, "2026-11-22T13:") || !top.Empty || top.CreatedBy != `/bin/sh -c #(nop) CMD ["echo hi"]` {
				t.Errorf("top: %+v", top)
			}
			if list[1].ID != "" || list[1].Empty != (list[1].SizeBytes == 0) {
				t.Errorf("second: %+v", list[1])
			}
			full := list[6]
			if full.Empty || full.SizeBytes < 2048 || full.CreatedBy != "/bin/sh -c echo héllo2 > /hello2" {
				t.Errorf("with files: %+v", full)
			}
		})
	}
	list, err := History([]byte(`[{"id":"<missing>","size":0,"CreatedBy":"/bin/sh -c #(nop) ENV DB_PASSWORD=hunter2 A=b\n` + strings.Repeat("x", 400) + `","comment":"TOKEN=abc"}]`))
	if err != nil || strings.Contains(list[0].CreatedBy, "hunter2") || !strings.Contains(list[0].CreatedBy, "DB_PASSWORD=*** A=b x") ||
		len(list[0].CreatedBy) > maxCreatedBy || list[0].Comment != "TOKEN=***" {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestTree(t *testing.T) {
	sizes := map[string]int64{"podman-4.3.1": 3072, "podman-5.8.2": 2560}
	for version, out := range stdout(t, "image-tree") {
		t.Run(version, func(t *testing.T) {
			tree, err := Tree(out)
			if err != nil {
				t.Fatal(err)
			}
			if len(tree.ID) != 12 || !reflect.DeepEqual(tree.Tags, []string{"localhost/h2-img:1"}) || tree.SizeBytes < 2_137_000 || len(tree.Layers) != 4 {
				t.Fatalf("%+v", tree)
			}
			want := TreeLayer{"9cff8e8b56c2", 1_985_000, nil}
			if !reflect.DeepEqual(tree.Layers[0], want) {
				t.Errorf("%+v, want %+v", tree.Layers[0], want)
			}
			if l := tree.Layers[2]; l.SizeBytes != sizes[version] || l.Tags != nil {
				t.Errorf("third: %+v", l)
			}
			if l := tree.Layers[3]; !reflect.DeepEqual(l.Tags, tree.Tags) {
				t.Errorf("last: %+v", l)
			}
		})
	}
	for _, bad := range []string{"", "json", "Image ID: a\nTags:     [x]\n", "Image ID: a\nImage Layers\n├── x", "Image Layers\n", "Image ID: a\nSize: big\nImage Layers\n",
		"Image ID: a\nImage Layers\n└── ID: b Size: 1B Top Layer of: x\n"} {
		var f *Failure
		if tree, err := Tree([]byte(bad)); !errors.As(err, &f) || f.Code != OutputInvalid {
			t.Errorf("%q gives %+v, %v", bad, tree, err)
		}
	}
}

func TestSearch(t *testing.T) {
	for version, out := range stdout(t, "search") {
		list, err := Search(out)
		if want := []Found{{Index: "127.0.0.1:5001", Name: "127.0.0.1:5001/h2/bb"}}; err != nil || !reflect.DeepEqual(list, want) {
			t.Errorf("%s: %+v, %v", version, list, err)
		}
	}
	for version, out := range stdout(t, "search-tags") {
		list, err := Search(out)
		if want := []Found{{Name: "127.0.0.1:5001/h2/bb", Tags: []string{"latest"}}}; err != nil || !reflect.DeepEqual(list, want) {
			t.Errorf("%s: %+v, %v", version, list, err)
		}
	}
	if list, err := Search(nil); err != nil || list == nil || len(list) != 0 {
		t.Errorf("nothing found: %v, %v", list, err)
	}
	list, err := Search([]byte(`[{"Index":"docker.io","Name":"docker.io/library/nginx","Description":"Official build of\nNginx.` +
		strings.Repeat("x", 300) + `","Stars":20000,"Official":"[OK]","Automated":"","Tag":""}]`))
	if err != nil || !list[0].Official || list[0].Stars != 20000 || len(list[0].Description) > maxDescription || !strings.HasPrefix(list[0].Description, "Official build of Nginx.") {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestManifests(t *testing.T) {
	for version, out := range stdout(t, "manifest-list") {
		list, err := Manifests(out)
		if want := []Manifest{{"sha256:7039c0d507981ba627ea653a7b020fe412bf5e9415d26dcecddbb4366ab514bf", "linux/amd64", 590}}; err != nil || !reflect.DeepEqual(list, want) {
			t.Errorf("%s: %+v, %v", version, list, err)
		}
	}
	list, err := Manifests([]byte(`{"manifests":[{"digest":"sha256:a","size":1,"platform":{"architecture":"arm64","os":"linux","variant":"v8"}},{"digest":"sha256:b"}]}`))
	if err != nil || list[0].Platform != "linux/arm64/v8" || list[1].Platform != "" {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := Manifests([]byte(`{"schemaVersion":2,"manifests":null}`)); err != nil || list == nil || len(list) != 0 {
		t.Errorf("an empty list: %+v, %v", list, err)
	}
	var f *Failure
	if _, err := Manifests([]byte(`{"schemaVersion":2,"config":{"size":1},"layers":[]}`)); !errors.As(err, &f) || f.Code != InvalidParams {
		t.Errorf("a single image: %v", err)
	}
}

func TestRemovedImages(t *testing.T) {
	for version, out := range stdout(t, "rmi") {
		r, err := RemovedImages(out)
		if err != nil || !reflect.DeepEqual(r.Untagged, []string{"localhost/h2-img:1"}) || len(r.Deleted) != 12 || len(r.Deleted[0]) != 12 {
			t.Errorf("%s: %+v, %v", version, r, err)
		}
	}
	if r, err := RemovedImages([]byte("json\n")); err == nil {
		t.Errorf("%+v", r)
	}
}

// TestManifestWords: what podman says where a list and a single image are taken for each other, and where an id has
// several names.
func TestManifestWords(t *testing.T) {
	for words, want := range map[string]struct {
		code    Code
		message string
	}{
		`Error: localhost/app:1: image is not a manifest list`:                                 {InvalidParams, "localhost/app:1 is a single image and no manifest list"},
		`Error: retrieving local image from image name app: app: image is not a manifest list`: {InvalidParams, "app is a single image and no manifest list"},
		`Error: parsing manifest blob "{}" as a "x": Treating single images as manifest lists is not implemented`: {InvalidParams,
			"this is a single image and no manifest list"},
		`Error: no image found in manifest list for architecture amd64, variant "", OS linux: image not known`: {ImageNotFound,
			"this is a manifest list, whose image for this machine's platform is not here"},
		`Error: inspecting object: could not find image instance sha256:00 of manifest list ab in local containers storage: image not known: image not known`: {ImageNotFound,
			"this is a manifest list, whose image for this machine's platform is not here"},
		`Error: selecting image from manifest list in "docker://r.io/x/y:1": no image found in image index for architecture amd64, variant "", OS linux`: {ImageNotFound,
			"the image r.io/x/y:1 does not exist for this platform"},
		`Error: unable to delete image "` + strings.Repeat("ab", 32) + `" by ID with more than one tag ([a:1 b:1]): please force removal`: {InUse,
			"image abababababab has several names"},
		"Error: 1 error occurred:\n\t* getting repository tags: fetching tags list: invalid status code from registry 404 (Not Found)\n\n": {ImageNotFound,
			"the registry has no such image, or hides it from who has not logged in"},
		"Error: reading image \"docker://r.io/x/y:1\": reading manifest 1 in r.io/x/y: manifest unknown": {ImageNotFound,
			"the registry has no image r.io/x/y:1"},
	} {
		if f := Classify(words, 125); f.Code != want.code || f.Message != want.message {
			t.Errorf("%s\n gives %s: %s", words, f.Code, f.Message)
		}
	}
}

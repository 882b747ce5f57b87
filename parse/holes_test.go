package parse

import "testing"

func TestKnownHoles(t *testing.T) {
	for version, open := range map[string]bool{
		"4.3.1": true, "4.9.3": true, "4.9.4": false, "4.9.4-rhel": false, "5.0.0": true, "5.0.1": false, "5.1.0": false, "5.8.2": false, "6.0.0": false,
		"4.8.9": true, "": false, "unknown": false,
	} {
		if got := len(KnownHoles(version)) > 0; got != open {
			t.Errorf("%s: %v", version, got)
		}
	}
}

func TestRestoresImages(t *testing.T) {
	for version, restores := range map[string]bool{"4.3.1": false, "4.4.0": true, "5.8.2": true, "6.0.0": true, "unknown": true} {
		if got := RestoresImages(version); got != restores {
			t.Errorf("%s: %v", version, got)
		}
	}
}

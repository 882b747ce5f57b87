package parse

// KnownHoles are the published weaknesses of a version of podman that what agents may ask for could use; none where
// the version cannot be told. A distribution may have mended one without a new number.
func KnownHoles(version string) []string {
	v, ok := SemverOf(version)
	mended := v.AtLeast(5, 1) || v.Major == 5 && v.Patch >= 1 || v.Major == 4 && v.Minor == 9 && v.Patch >= 4
	if !ok || mended {
		return nil
	}
	return []string{"CVE-2024-1753"} // a Containerfile mounts any folder of the host; seen on 4.3.1
}

// RestoresImages tells of a podman whose run takes an image for a checkpoint where an annotation says so: since 4.4
// (podman's pull request 16569), as far as is known in every version. One that cannot be told is taken for such.
func RestoresImages(version string) bool {
	v, ok := SemverOf(version)
	return !ok || v.AtLeast(4, 4)
}

//go:build race

package live_test

// slowly is how much less a test does under the race detector.
const slowly = 20

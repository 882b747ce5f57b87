//go:build !race

package live_test

const slowly = 1

//go:build linux

package confine_test

var holes, limits map[string]func(world) (string, error)

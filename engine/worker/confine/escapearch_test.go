//go:build linux && !amd64

package confine_test

var archEscapes []escape

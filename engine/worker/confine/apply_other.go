//go:build !linux

package confine

import "runtime"

func apply(p Policy) (Report, error) {
	setRuntime(p.Limits.withDefaults())
	return Report{Missing: []string{nothing}}, nil
}

const nothing = "everything: the kernel of " + runtime.GOOS + " enforces nothing of it"

func probe() []Feature {
	return []Feature{{Name: "packages", Detail: "the kernel of " + runtime.GOOS + " confines nothing"}}
}

func scope() error { return nil }

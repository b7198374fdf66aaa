//go:build !linux

package confine

import (
	"runtime"

	pkgruntime "github.com/scriptd/scriptd/engine/runtime"
)

func apply(p Policy) (Report, error) {
	setRuntime(p.Limits.withDefaults())
	return Report{Missing: []string{nothing}}, nil
}

const nothing = "everything: the kernel of " + runtime.GOOS + " enforces nothing of it"

func probe() []Feature {
	return []Feature{{Name: "packages", Essential: true, Detail: "the kernel of " + runtime.GOOS + " confines nothing"}}
}

func scope() error { return nil }

func needsScope(pkgruntime.Permissions) bool { return false }

//go:build unix

package worker

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/confine"
)

// confine takes from this process what its package was not granted. Grants that come to nothing are told in the package's log.
func (c *child) confine(r *loadRequest) error {
	policy, err := policyOf(r.pkg.Permissions, r.pkg.Limits)
	if err != nil {
		return err
	}
	policy.Temp = r.temp
	report, err := confine.Apply(policy)
	if err != nil {
		return fmt.Errorf("keep the package to what it was granted: %w", err)
	}
	log := c.background.logger(r.level)
	for _, grant := range report.Ignored {
		log.Warn("a permission without effect", "permission", grant)
	}
	return nil
}

// policyOf is what both sides hold a package to. Paths are those of the host's working folder, which both have.
func policyOf(p runtime.Permissions, l runtime.Limits) (confine.Policy, error) {
	var err error
	absolute := func(paths []string, isPath func(string) bool) []string {
		list := make([]string, len(paths))
		for i, path := range paths {
			list[i] = path
			if isPath(path) && err == nil {
				list[i], err = filepath.Abs(path)
			}
		}
		return list
	}
	always := func(string) bool { return true }
	p.Read, p.Write = absolute(p.Read, always), absolute(p.Write, always)
	// A bare name is a program that is looked for.
	p.Run = absolute(p.Run, func(path string) bool { return strings.Contains(path, "/") })
	return confine.Policy{
		Permissions: p,
		Limits:      confine.Limits{Memory: l.Memory, CPU: l.CPU, OpenFiles: l.OpenFiles, Processes: l.Processes},
	}, err
}

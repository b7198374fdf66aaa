//go:build unix

package worker

import (
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/scriptd/scriptd/engine/worker/confine"
)

// confine takes from this process what its packages were not granted. Grants that come to nothing are told in the package's log, or in
// that of the process where it is a group's.
func (c *child) confine(r *loadRequest) error {
	policy, err := policyOf(r.walls)
	if err != nil {
		return err
	}
	policy.Temp = r.temp
	report, err := confine.Apply(policy)
	if err != nil {
		return err
	}
	level := r.level
	if r.pkg.Group != "" {
		level = slog.LevelInfo
		c.background.output.allow(outputOf(r.walls.limits))
	}
	log := c.background.logger(nobody, level, &c.background.output)
	for _, grant := range report.Ignored {
		log.Warn("a permission without effect", "permission", grant)
	}
	return nil
}

// policyOf is what both sides hold a process to. Paths are those of the host's working folder, which both have.
func policyOf(w walls) (confine.Policy, error) {
	p, l := w.permissions, w.limits
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

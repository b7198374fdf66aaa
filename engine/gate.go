package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/scriptd/scriptd/engine/runtime"
)

// gate is what every version passes before it goes live: the front end, its load, Register, its schemas, its health, and
// the call that the configuration asks for. A version that does not pass is closed.
func (e *Engine) gate(ctx context.Context, s *source, g *generation, next *candidate, files *reads) ([]*entry, error) {
	options := s.packageOptions(g.path)
	g.revision, g.digest = next.Revision, string(next.Digest)
	g.permissions, g.policy = s.Permissions.Merge(options.Permissions), s.policy(options)
	limited, cancel := context.WithTimeout(ctx, e.limits.load)
	defer cancel()
	group, shared := e.group(s)
	inst, err := e.runtime.Load(limited, runtime.Package{
		Group: group, GroupPermissions: shared, GroupLimits: s.ProcessLimits,
		Name: g.name(), Revision: g.revision, Tree: files, Dir: g.path,
		Permissions: g.permissions, Limits: options.ProcessLimits.Or(s.ProcessLimits), Config: next.configs.values[g.path],
		Contracts: e.opts.Contracts, Services: e.opts.Services,
		Log:   e.log.With("package", g.name(), "revision", g.revision),
		Grace: g.policy.Grace, Broken: func(why error) { e.broken(g, why) },
	})
	overdue := func(err error) bool { return errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil }
	switch {
	case overdue(err):
		return nil, fmt.Errorf("initialisation and Register did not end within %s", e.limits.load)
	case err != nil:
		return nil, err
	}
	g.inst = inst
	entries, err := newEntries(inst, g, e.current(), e.opts.CallTimeout)
	if err == nil {
		if err = inst.Health(limited); overdue(err) {
			err = fmt.Errorf("the health functions did not end within %s", e.limits.load)
		} else if err != nil {
			err = fmt.Errorf("health: %w", err)
		}
	}
	if err == nil && options.SelfTest != nil {
		err = e.selfTest(ctx, g, entries, options.SelfTest)
	}
	if err != nil {
		e.retire(g)
		return nil, err
	}
	return entries, nil
}

// group returns what the packages of a source share, and what all of them together may use.
func (e *Engine) group(s *source) (name string, shared runtime.Permissions) {
	if e.opts.Processes.Share != ShareSource {
		return "", runtime.Permissions{}
	}
	shared = s.Permissions
	for _, p := range s.Packages {
		shared = shared.Merge(p.Permissions)
	}
	return s.Name, shared
}

// selfTest calls a plugin of a version that is not live yet.
func (e *Engine) selfTest(ctx context.Context, g *generation, entries []*entry, test *SelfTest) error {
	for _, target := range entries {
		if target.plugin.Name != test.Plugin {
			continue
		}
		problem := func(format string, args ...any) error {
			return runtime.Problems{target.plugin.Problemf("selftest: "+format, args...)}
		}
		filled, faults := target.schema.Apply(test.Params)
		if len(faults) > 0 {
			return problem("%v", &InvalidError{Plugin: test.Plugin, Fields: faults})
		}
		ctx, cancel := context.WithTimeout(ctx, target.clock.limit)
		defer cancel()
		res, err := g.inst.Call(ctx, test.Plugin, filled)
		switch {
		case err != nil:
			return problem("%s does not answer: %v", test.Plugin, err)
		case !res.Success && !test.Fails:
			return problem("%s failed: %s", test.Plugin, res.Error)
		case res.Success && test.Fails:
			return problem("%s succeeded, and is expected to fail", test.Plugin)
		}
		return nil
	}
	return fmt.Errorf("selftest: the package has no plugin %s", test.Plugin)
}

//go:build unix

package worker

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"

	"github.com/scriptd/scriptd/engine/worker/confine"
)

// holding is what the host does to hold a process to its limits, and what is gone with the process.
type holding struct {
	temp  string         // a folder for its temporary files; empty is none
	group *confine.Group // nil is none
	stop  context.CancelFunc
}

// hold begins to hold a worker to the limits of what runs in it, which the attribute names. What is made for it is gone with the
// process.
func (r *Runtime) hold(w *worker, in walls, whose slog.Attr) (*holding, error) {
	policy, err := policyOf(in)
	if err != nil {
		return nil, err
	}
	h := &holding{stop: func() {}}
	if len(in.permissions.Write) > 0 || in.permissions.All {
		if h.temp, err = os.MkdirTemp(r.folder.path, "tmp"); err != nil {
			return nil, err
		}
	}
	if r.hasGroups() { // without, to make one takes ten milliseconds for nothing
		if h.group, err = confine.NewGroup(policy.Limits); err == nil {
			err = h.group.Add(w.process.pid)
		}
		if err != nil {
			return nil, errors.Join(err, h.end())
		}
		policy.Limits = h.group.Rest(policy.Limits)
	}
	ctx, cancel := context.WithCancel(context.Background())
	h.stop = cancel
	r.mu.Lock()
	if !r.closed {
		r.work.Go(func() {
			err := confine.Watch(ctx, w.process.pid, policy, w.process.kill)
			if err != nil && ctx.Err() == nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, confine.ErrUnsupported) {
				r.opts.Log.LogAttrs(ctx, slog.LevelWarn, "a process is not held to its limits", whose, slog.Any("error", err))
			}
		})
	}
	r.mu.Unlock()
	w.held.Store(h)
	select {
	case <-w.gone: // too early to be freed with it
		_ = w.letGo() // a load that fails tells more
	default:
	}
	return h, nil
}

// letGo ends what hold began, once the process is gone.
func (w *worker) letGo() error {
	if h := w.held.Swap(nil); h != nil {
		return h.end()
	}
	return nil
}

func (h *holding) end() error {
	h.stop()
	var errs []error
	if h.group != nil {
		errs = append(errs, h.group.Close())
	}
	if h.temp != "" {
		errs = append(errs, os.RemoveAll(h.temp))
	}
	return errors.Join(errs...)
}

// exceeded is why the kernel has ended the process; empty where it has not.
func (w *worker) exceeded() string {
	if h := w.held.Load(); h != nil && h.group != nil {
		return h.group.Exceeded()
	}
	return ""
}

// hasGroups reports whether there are cgroups that hold packages to limits.
func (r *Runtime) hasGroups() bool {
	return slices.ContainsFunc(r.features(), func(f confine.Feature) bool { return f.Name == confine.Groups && f.Have })
}

// tellMissing says, once, what this system cannot hold packages to.
func (r *Runtime) tellMissing() {
	var missing []string
	level := slog.LevelInfo
	for _, f := range r.features() {
		if !f.Have {
			missing = append(missing, f.String())
			if f.Essential {
				level = slog.LevelWarn
			}
		}
	}
	if len(missing) > 0 {
		r.opts.Log.Log(context.Background(), level, "this system cannot keep packages from all that they were not granted", "missing", missing)
	}
}

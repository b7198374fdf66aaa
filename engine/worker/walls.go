package worker

import "github.com/scriptd/scriptd/engine/runtime"

// walls are what a process is confined to, once.
type walls struct {
	permissions runtime.Permissions
	limits      runtime.Limits
}

// wallsOf are those of the process that is started for a package.
func wallsOf(p runtime.Package) walls {
	if p.Group == "" {
		return walls{p.Permissions, p.Limits}
	}
	return walls{p.GroupPermissions.Merge(p.Permissions), p.GroupLimits}
}

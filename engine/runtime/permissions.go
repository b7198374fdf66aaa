package runtime

import "slices"

// Permissions are what a package may use of the world. The zero value allows nothing.
type Permissions struct {
	// Net holds host:port patterns that may be connected to; * stands for any host part or port.
	Net []string `json:"net,omitempty" yaml:"net"`
	// Read and Write hold files and folders that may be read and written.
	Read  []string `json:"read,omitempty" yaml:"read"`
	Write []string `json:"write,omitempty" yaml:"write"`
	// Env holds names of environment variables that may be read; * is all of them.
	Env []string `json:"env,omitempty" yaml:"env"`
	// Run holds programs that may be started.
	Run []string `json:"run,omitempty" yaml:"run"`
	// All allows everything.
	All bool `json:"all,omitempty" yaml:"all"`
}

// Merge returns permissions that allow what p allows and what q allows.
func (p Permissions) Merge(q Permissions) Permissions {
	return Permissions{
		Net:   union(p.Net, q.Net),
		Read:  union(p.Read, q.Read),
		Write: union(p.Write, q.Write),
		Env:   union(p.Env, q.Env),
		Run:   union(p.Run, q.Run),
		All:   p.All || q.All,
	}
}

// Covers reports whether p names all that q names. It compares names, and does not know that a folder covers what is in it: what it
// is wrong about, it denies.
func (p Permissions) Covers(q Permissions) bool {
	return p.All || !q.All && contains(p.Net, q.Net) && contains(p.Read, q.Read) && contains(p.Write, q.Write) &&
		contains(p.Env, q.Env) && contains(p.Run, q.Run)
}

// Equal reports whether p and q name the same, in whatever order.
func (p Permissions) Equal(q Permissions) bool {
	return p.All == q.All && sameNames(p.Net, q.Net) && sameNames(p.Read, q.Read) && sameNames(p.Write, q.Write) &&
		sameNames(p.Env, q.Env) && sameNames(p.Run, q.Run)
}

func sameNames(a, b []string) bool { return contains(a, b) && contains(b, a) }

func contains(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

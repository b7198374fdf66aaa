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

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

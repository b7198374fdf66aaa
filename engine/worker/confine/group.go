package confine

// A Group holds processes to their limits by the kernel, all of them together: a cgroup, below that of this process. There can be
// one where cgroup v2 is there and this process may make one, as in a service of systemd's with Delegate=yes and a DelegateSubgroup.
// Its limits are those of memory, of CPU, which it slows down, and of processes.
//
// It is safe for concurrent use. Close ends it.
type Group struct {
	dir      string
	enforced []string
	held     Limits // negative where the kernel holds the group to it
}

// NewGroup makes a group without processes. Where there can be none, the error is ErrUnsupported, with what is missing. It removes
// groups that hosts have left behind that did not end well.
func NewGroup(l Limits) (*Group, error) { return newGroup(l) }

// Rest returns the limits without those that the kernel holds the group to.
func (g *Group) Rest(l Limits) Limits {
	if g.held.Memory < 0 {
		l.Memory = -1
	}
	if g.held.CPU < 0 {
		l.CPU = -1
	}
	if g.held.Processes < 0 {
		l.Processes = -1
	}
	return l
}

// Enforced returns what the kernel holds the group to, a line each. Not all of it is everywhere.
func (g *Group) Enforced() []string { return g.enforced }

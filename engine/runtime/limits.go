package runtime

import "cmp"

// Limits are how much a package may use of the machine, where it has a process of its own. In each field zero is the default, and a
// negative number is no limit.
type Limits struct {
	// Memory is in bytes, of the process and all that it starts. The default is 512 MiB.
	Memory int64 `json:"memory,omitempty"`
	// CPU is how many cores may be busy, on average over ten seconds: 0.5 is half of one. The default is no limit: calls have
	// timeouts.
	CPU float64 `json:"cpu,omitempty"`
	// OpenFiles is how many descriptors each process may have. The default is 256.
	OpenFiles int `json:"open_files,omitempty"`
	// Processes is how many threads there may be, those of all that the package starts included. The default is 256.
	Processes int `json:"processes,omitempty"`
	// Output is how many bytes may be printed and logged in a minute. What goes beyond it is left out of the log. The default is
	// 4 MiB.
	Output int64 `json:"output,omitempty"`
}

// Or returns the limits with those of other in the fields that are zero.
func (l Limits) Or(other Limits) Limits {
	return Limits{
		Memory:    cmp.Or(l.Memory, other.Memory),
		CPU:       cmp.Or(l.CPU, other.CPU),
		OpenFiles: cmp.Or(l.OpenFiles, other.OpenFiles),
		Processes: cmp.Or(l.Processes, other.Processes),
		Output:    cmp.Or(l.Output, other.Output),
	}
}

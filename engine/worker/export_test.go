//go:build unix

package worker

import "slices"

// FolderPattern matches the private folders of hosts.
const FolderPattern = folderPattern

// PIDs returns the numbers of the processes that there are.
func (r *Runtime) PIDs() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	var pids []int
	for w := range r.workers {
		pids = append(pids, w.process.pid)
	}
	slices.Sort(pids)
	return pids
}

// Spares is how many processes wait for a package.
func (r *Runtime) Spares() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.spares)
}

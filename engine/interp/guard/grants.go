package guard

import (
	"path/filepath"
	"slices"
	"strings"
)

// grants are permissions in the form in which they are looked at.
type grants struct {
	read, write []string // absolute and clean; the widest first
	net         []netGrant

	// What is everything there is.
	allFiles, allNet, allRun, allEnv bool
}

func newGrants(o Options) *grants {
	p := o.Permissions
	gr := &grants{
		read: folders(p.Read), write: folders(p.Write), net: netGrants(p.Net),
		allFiles: p.All, allNet: p.All,
		allRun: p.All || slices.Contains(p.Run, "*"), allEnv: p.All || slices.Contains(p.Env, "*"),
	}
	if o.Program {
		gr.allFiles = gr.allFiles || slices.Contains(p.Read, "/") && slices.Contains(p.Write, "/")
		gr.allNet = gr.allNet || slices.Contains(p.Net, "*:*")
	}
	return gr
}

// folders returns paths, absolute and clean, the shortest first: what is within one is after it.
func folders(paths []string) []string {
	var out []string
	for _, p := range paths {
		abs, err := filepath.Abs(p)
		if err == nil && p != "" {
			out = append(out, abs)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return len(a) - len(b) })
	return slices.Compact(out)
}

// within reports whether a clean path is a folder or below it.
func within(path, folder string) bool { return path == folder || below(path, folder) }

// below reports whether a clean path is below a folder.
func below(path, folder string) bool {
	if len(path) <= len(folder) || !strings.HasPrefix(path, folder) {
		return false
	}
	return strings.HasSuffix(folder, string(filepath.Separator)) || path[len(folder)] == filepath.Separator
}

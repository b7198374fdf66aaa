package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// ratchet is what was once reached with Go's own programs, and may only get better.
type ratchet struct {
	// version is the Go whose programs they are.
	version string
	equal   int
	// below are the programs that are not equal, with their verdict.
	below map[string]verdict
}

const ratchetHead = `# What scriptd exec does with Go's own programs: the version of Go, how many do the same as when they are compiled, and
# all others with their verdict. No program may do worse than this. Written by make conformance.
`

func newRatchet(version string, results []result) *ratchet {
	r := &ratchet{version: version, below: make(map[string]verdict)}
	for _, res := range results {
		if res.verdict == equal {
			r.equal++
		} else {
			r.below[res.program.String()] = res.verdict
		}
	}
	return r
}

func readRatchet(name string) (*ratchet, error) {
	lines, err := readLines(name)
	if err != nil {
		return nil, err
	}
	r := &ratchet{below: make(map[string]verdict)}
	for i, line := range lines {
		if i == 0 {
			if _, err := fmt.Sscanf(line, "%s equal %d", &r.version, &r.equal); err != nil {
				return nil, fmt.Errorf("%s: %q: %w", name, line, err)
			}
			continue
		}
		v, program, ok := strings.Cut(line, " ")
		if !ok || !slices.Contains(verdicts, verdict(v)) {
			return nil, fmt.Errorf("%s: %q is not VERDICT GROUP/NAME", name, line)
		}
		r.below[program] = verdict(v)
	}
	return r, nil
}

func (r *ratchet) write(name string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s equal %d\n", ratchetHead, r.version, r.equal)
	for _, v := range verdicts {
		var programs []string
		for program, is := range r.below {
			if is == v {
				programs = append(programs, program)
			}
		}
		slices.Sort(programs)
		for _, program := range programs {
			fmt.Fprintf(&b, "%s %s\n", v, program)
		}
	}
	return os.WriteFile(name, []byte(b.String()), 0o666)
}

// worse returns what has fallen behind. Where the programs are those of another version of Go, only the number counts.
func (r *ratchet) worse(version string, results []result) []string {
	var all []string
	count := 0
	for _, res := range results {
		if res.verdict == equal {
			count++
		}
		was, listed := r.below[res.program.String()]
		if !listed {
			was = equal
		}
		if version == r.version && slices.Index(verdicts, res.verdict) > slices.Index(verdicts, was) {
			all = append(all, fmt.Sprintf("%s was %s, is %s: %s", res.program, was, res.verdict, res.reason))
		}
	}
	if count < r.equal {
		all = append(all, fmt.Sprintf("%d programs are equal, were %d", count, r.equal))
	}
	return all
}

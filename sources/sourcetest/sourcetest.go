// Package sourcetest holds the suite that every source passes. A kind of source runs it against a real origin:
//
//	func TestSource(t *testing.T) {
//		sourcetest.Run(t, func(t *testing.T) sourcetest.Harness {
//			dir := t.TempDir()
//			return sourcetest.Harness{Open: …, Write: …, Remove: …}
//		})
//	}
//
// Each sentence that sources.Source and sources.Watcher promise is a case.
package sourcetest

import (
	"testing"

	"github.com/scriptd/scriptd/sources"
)

// Harness is an origin that a case may change. It begins with no files; the suite writes some before it asks for any.
// Its functions end the test where they fail, and are called on the goroutine of the test.
type Harness struct {
	// Open returns another Source for the origin.
	Open func() sources.Source
	// Write makes the next state of the origin: the files are added or replaced, the others stay. The state is there
	// for all to see when it returns.
	Write func(files Files)
	// Remove makes the next state of the origin, without the files of these paths.
	Remove func(paths ...string)

	// Missing returns a Source for an origin that does not exist, and the name of it that an error must show.
	Missing func() (src sources.Source, name string)
	// Break puts the origin out of reach until restore is called. BrokenKind is the kind of the errors meanwhile.
	Break      func() (restore func())
	BrokenKind sources.Kind
	// Cut and Stall make the origin end, or hold, each connection after so many bytes of its answer, until restore is
	// called. Nil where there is no network. See Gate.
	Cut, Stall func(after int64) (restore func())

	// Server is the address of the origin's server, and Via opens a source that reaches it at another address. Empty and nil
	// where there is no network.
	Server string
	Via    func(addr string) sources.Source

	// Atomic: the files of one Write appear together.
	Atomic bool
	// History: every state has a revision of its own, even where its files are those of an earlier one.
	History bool
	// Modes: the kind keeps execute bits.
	Modes bool
	// Links: the kind has symbolic links.
	Links bool
	// Watches: the kind is a Watcher.
	Watches bool
	// Secrets are values that no error may show.
	Secrets []string
}

// Files are files by their slash-separated path.
type Files map[string]File

// File is the content of a file; or a symbolic link where Link is set.
type File struct {
	Content string
	Exec    bool
	Link    string
}

// Text makes Files from pairs of path and content.
func Text(pairs ...string) Files {
	files := Files{}
	for i := 0; i < len(pairs); i += 2 {
		files[pairs[i]] = File{Content: pairs[i+1]}
	}
	return files
}

// testCase is a promise, and how it is put to the test. A case that needs what the kind does not have is left out.
type testCase struct {
	name  string
	run   func(*trial)
	needs func(Harness) bool
}

// Run runs the suite. Each case gets a Harness of its own, which ends with the case's t.
func Run(t *testing.T, start func(t *testing.T) Harness) {
	t.Helper()
	for _, group := range []struct {
		name  string
		cases []testCase
	}{
		{"Resolve", resolveCases()},
		{"Fetch", fetchCases()},
		{"Content", contentCases()},
		{"Selection", selectionCases()},
		{"Limits", limitCases()},
		{"Faults", faultCases()},
		{"Network", networkCases()},
		{"Concurrency", concurrencyCases()},
		{"Watch", watchCases()},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				t.Run(c.name, func(t *testing.T) {
					h := start(t)
					if c.needs != nil && !c.needs(h) {
						t.Skip("the kind has none of this")
					}
					c.run(&trial{t, h})
				})
			}
		})
	}
}

// Package audit is mentioned by another package of the host.
package audit

// Entry is a struct.
type Entry struct {
	Number int
	Text   string
}

// Size is a method.
func (e Entry) Size() int { return len(e.Text) }

// Sink is an interface.
type Sink interface{ Record(e Entry) int }

// Logger is an interface that mentions nothing.
type Logger interface{ Log(text string) }

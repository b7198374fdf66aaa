//go:build !linux

package confine

import "fmt"

func newGroup(Limits) (*Group, error) { return nil, fmt.Errorf("make a cgroup: %w", ErrUnsupported) }

// Add puts a process into the group, with all that it starts from then on.
func (g *Group) Add(int) error { return ErrUnsupported }

// Exceeded returns why the kernel has ended processes of the group, as a sentence about "it", or "".
func (g *Group) Exceeded() string { return "" }

// Kill ends all processes of the group, at once.
func (g *Group) Kill() error { return ErrUnsupported }

// Close ends what is left in the group, and removes it. It may be called more than once.
func (g *Group) Close() error { return nil }

//go:build !cgo

package confine

// stackOfThread is what a thread maps for its stack. Go's threads have theirs from its heap.
const stackOfThread = 0

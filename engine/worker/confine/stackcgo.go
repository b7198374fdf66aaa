//go:build cgo

package confine

// stackOfThread is what a thread maps for its stack: the C library maps that of its own limit, and touches little of it.
const stackOfThread = 8 << 20

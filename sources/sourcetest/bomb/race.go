//go:build race

package bomb

// race says that the race detector is on: it takes many times the memory.
const race = true

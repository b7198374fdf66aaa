//go:build race

package bomb

// race says that the race detector is on.
const race = true

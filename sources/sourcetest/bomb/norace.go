//go:build !race

package bomb

const race = false

package main

import (
	"fmt"
	"strings"
)

// diff shows two outcomes from where they begin to differ on.
func diff(want, got outcome) string {
	a, b := strings.SplitAfter(string(formatWant(want)), "\n"), strings.SplitAfter(string(formatWant(got)), "\n")
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	var out strings.Builder
	if same > 0 {
		fmt.Fprintf(&out, "@@ from line %d on\n", same+1)
	}
	side := func(mark string, lines []string) {
		const most = 30
		for i, line := range lines {
			if i == most {
				fmt.Fprintf(&out, "%s… %d more\n", mark, len(lines)-most)
				break
			}
			if line != "" {
				fmt.Fprintf(&out, "%s%s\n", mark, strings.TrimSuffix(line, "\n"))
			}
		}
	}
	side("- ", a[same:])
	side("+ ", b[same:])
	return out.String()
}

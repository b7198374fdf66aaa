package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// refusedFile lists, beside the archives, the programs that the interpreter refuses.
const refusedFile = "refused.txt"

// readRefused reads a list of programs and a part of the reason for which each is refused: GROUP/NAME: REASON.
func readRefused(name string) (map[string]string, error) {
	lines, err := readLines(name)
	if err != nil {
		return nil, err
	}
	reasons := make(map[string]string)
	for _, line := range lines {
		program, reason, ok := strings.Cut(line, ": ")
		if !ok {
			return nil, fmt.Errorf("%s: %q is not GROUP/NAME: REASON", name, line)
		}
		reasons[program] = reason
	}
	return reasons, nil
}

// readLines returns the lines of a file that are neither empty nor comments.
func readLines(name string) ([]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var lines []string
	scanner := bufio.NewScanner(f)
	for scanner.Scan() {
		if line := strings.TrimSpace(scanner.Text()); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines, scanner.Err()
}

// unexpected says what is wrong with a result where some programs are expected to be refused; empty where nothing is.
func unexpected(r result, refusals map[string]string) string {
	reason, listed := refusals[r.program.String()]
	switch {
	case r.verdict == equal && listed:
		return "it is equal, and listed as refused: take it from " + refusedFile
	case r.verdict == equal:
		return ""
	case r.verdict == refused && listed && strings.Contains(r.reason, reason):
		return ""
	case r.verdict == refused && listed:
		return fmt.Sprintf("refused: %s, want: %s", r.reason, reason)
	default:
		return fmt.Sprintf("%s: %s", r.verdict, r.reason)
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// verdict says what a program did beside what it does when it is compiled.
type verdict string

const (
	// equal: the same output, panic and exit status.
	equal verdict = "equal"
	// refused: it was not run, with a message that says why.
	refused verdict = "refused"
	// wrong: it ran, and did something else.
	wrong verdict = "wrong"
	// crashed: what ran it failed, or it did not end in time.
	crashed verdict = "crashed"
)

// tooLate is the reason where a program was ended because it took too long.
const tooLate = "it did not end in time"

// verdicts are all of them, the best first.
var verdicts = []verdict{equal, refused, wrong, crashed}

// judge compares what a program did with what it should have done.
func (e *executor) judge(ctx context.Context, r result) (verdict, string) {
	want, got := r.program.want, r.got
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return crashed, tooLate
	}
	if ctx.Err() != nil {
		return crashed, ctx.Err().Error()
	}
	if got.status == want.status && bytes.Equal(got.stdout, want.stdout) && got.panics == want.panics {
		return equal, ""
	}
	if why := e.refusal(got.status, string(r.stderr)); why != "" {
		return refused, why
	}
	if why := e.fault(got.status, string(r.stderr)); why != "" {
		return crashed, why
	}
	switch {
	case got.status != want.status:
		return wrong, fmt.Sprintf("exit status %d, want %d: %s", got.status, want.status, firstLine(string(r.stderr)))
	case got.panics != want.panics:
		return wrong, fmt.Sprintf("%q, want %q", got.panics, want.panics)
	default:
		return wrong, fmt.Sprintf("output differs in line %d", firstDifference(got.stdout, want.stdout))
	}
}

// firstDifference returns the line, counted from 1, from which on two texts differ.
func firstDifference(a, b []byte) int {
	line := 1
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			break
		}
		if a[i] == '\n' {
			line++
		}
	}
	return line
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	const most = 200
	if len(line) > most {
		line = line[:most] + "…"
	}
	return line
}

// The exit statuses of scriptd exec that are not the program's.
const (
	scriptdInvalid  = 1
	scriptdRefused  = 65
	scriptdInternal = 70
)

var placed = regexp.MustCompile(`(?m)^(?:[^:\n]+:\d+:\d+|[^:\n]*): (.*)$`)

// scriptdRefusal finds a refusal, which is what scriptd exec says with status 65, and an error of the front end.
func scriptdRefusal(status int, stderr string) string {
	m := placed.FindStringSubmatch(stderr)
	switch {
	case m == nil:
		return ""
	case status == scriptdRefused:
		return m[1]
	case status == scriptdInvalid && invalid.MatchString(stderr):
		return "taken for invalid: " + m[1]
	default:
		return ""
	}
}

var invalid = regexp.MustCompile(`^[^:\n]+\.go:\d+:\d+: `)

// hostFault is what shows in a trace that the interpreter, or scriptd, panicked itself.
var hostFault = regexp.MustCompile(`(?m)^(?:github\.com/traefik/yaegi/|github\.com/scriptd/scriptd/|reflect\.Value\.)|^(?:fatal error|unexpected fault address|SIG[A-Z]+): .*`)

// scriptdFault finds a fault of scriptd.
func scriptdFault(status int, stderr string) string {
	switch {
	case status == scriptdInternal:
		return "internal: " + firstLine(stderr)
	case status > 128 || status < 0:
		return fmt.Sprintf("killed, status %d: %s", status, firstLine(stderr))
	}
	if m := hostFault.FindString(stderr); m != "" {
		return "host fault: " + firstLine(stderr)
	}
	return ""
}

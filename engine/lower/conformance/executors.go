package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
)

// scriptd runs programs with scriptd exec -A.
func scriptd(bin string) *executor {
	return &executor{
		name: "scriptd",
		command: func(ctx context.Context, target string, p *program) *exec.Cmd {
			return exec.CommandContext(ctx, bin, append([]string{"exec", "-A", target}, p.args...)...)
		},
		refusal: scriptdRefusal,
		fault:   scriptdFault,
	}
}

// bareYaegi runs programs with yaegi as it comes, in a child of this program.
func bareYaegi() (*executor, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	return &executor{
		name: "yaegi",
		command: func(ctx context.Context, target string, p *program) *exec.Cmd {
			return exec.CommandContext(ctx, self, append([]string{yaegiVerb, target}, p.args...)...)
		},
		refusal: func(status int, stderr string) string {
			if status != yaegiRefused {
				return ""
			}
			return firstLine(stderr)
		},
		fault: func(status int, stderr string) string {
			if m := yaegiPanic.FindString(stderr); m != "" {
				return m
			}
			return scriptdFault(status, stderr)
		},
	}, nil
}

// yaegiPanic is a panic of the interpreter itself, which it reports like those of the program.
var yaegiPanic = regexp.MustCompile(`(?m)^panic: (?:reflect|.*CFG post-order panic|interface conversion: .*interp\.|.*\bsrc/reflect/).*`)

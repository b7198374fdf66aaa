package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
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
		fault: scriptdFault,
	}, nil
}

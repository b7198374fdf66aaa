package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/scriptd/scriptd/engine"
)

// confirm asks whether a plugin that changes something may run. Nil is a yes.
func (a *app) confirm(ctx context.Context, p engine.Plugin) error {
	if !isTerminal(a.stdin) {
		return &exitError{exitUnconfirmed, fmt.Errorf("%s changes something, and there is no terminal to ask: add --yes to run it", p.Name)}
	}
	fmt.Fprintf(a.stderr, "%s: %s\nThis changes something. Run it? [y/N] ", p.Name, p.Description)
	line, err := interruptible(ctx, func() (string, error) { return bufio.NewReader(a.stdin).ReadString('\n') })
	if answer := strings.ToLower(strings.TrimSpace(line)); err == nil && (answer == "y" || answer == "yes") {
		return nil
	}
	return &exitError{exitUnconfirmed, fmt.Errorf("%s was not run", p.Name)}
}

// isTerminal reports whether a stream is one that a person sits at.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

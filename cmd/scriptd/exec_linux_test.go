package main

import "testing"

func TestProgramDoesNotOutliveExec(t *testing.T) {
	e := startProgram(t, waiting)
	if err := e.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	e.end(t) // which does not return before the program has ended
}

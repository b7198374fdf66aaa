//go:build !linux

package main

import "syscall"

// dieWithParent is nothing: no other system offers it. A child whose parent is killed goes on.
func dieWithParent() *syscall.SysProcAttr { return nil }

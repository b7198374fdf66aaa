//go:build unix && !linux

package worker_test

const hostVariable = "WORKER_TEST_HOST"

func runHost(string) {}

func failToStart() {}

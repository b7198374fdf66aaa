package gitserver

import "os"

// environment is that of a git command: nothing from outside but where programs are.
func environment() []string {
	env := []string{
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=" + author,
		"GIT_AUTHOR_EMAIL=" + email,
		"GIT_AUTHOR_DATE=" + date,
		"GIT_COMMITTER_NAME=" + author,
		"GIT_COMMITTER_EMAIL=" + email,
		"GIT_COMMITTER_DATE=" + date,
		"LC_ALL=C",
	}
	// What programs need to start on each system.
	for _, name := range []string{"PATH", "TMPDIR", "SystemRoot", "TEMP", "USERPROFILE"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// Commits are by the same author at the same time, so that the same files make the same commits.
const (
	author = "scriptd"
	email  = "scriptd@example.com"
	date   = "1700000000 +0000"
)

package confine

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	pkgruntime "github.com/scriptd/scriptd/engine/runtime"
)

// scopeVariable is set to the number of a process that is in a domain of its own.
const scopeVariable = "SCRIPTD_CONFINE_SCOPE"

func needsScope(p pkgruntime.Permissions) bool {
	abi := landlockABI()
	return len(p.Run) > 0 && !p.All && abi >= abiScopes && abi < abiThreads
}

// scope is Scope.
func scope() error {
	if abi := landlockABI(); abi < abiScopes || abi >= abiThreads || scoped() {
		return nil
	}
	runtime.LockOSThread() // for good: what follows is about this thread, and becomes the process
	parent := os.Getppid()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("scope signals: no_new_privs: %w", err)
	}
	if err := scopeThread(); err != nil {
		return fmt.Errorf("scope signals: %w", err)
	}
	// The signal belongs to the thread that the host has started, which may be another one.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("scope signals: %w", err)
	}
	if os.Getppid() != parent { // its end came before
		os.Exit(1)
	}
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, scopeVariable+"=") })
	env = append(env, scopeVariable+"="+strconv.Itoa(os.Getpid()))
	if err := unix.Exec("/proc/self/exe", os.Args, env); err != nil {
		return fmt.Errorf("scope signals: start anew: %w", err)
	}
	return nil
}

// scopeThread puts this thread into a domain for signals. What every domain denies unless it allows it, to move files between folders,
// is allowed.
func scopeThread() error {
	fd, err := ll.LandlockCreateRuleset(&ll.RulesetAttr{HandledAccessFS: ll.AccessFSRefer, Scoped: ll.ScopeSignal}, 0)
	if err != nil {
		return err
	}
	root, err := unix.Open("/", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return errors.Join(err, unix.Close(fd))
	}
	return errors.Join(
		ll.LandlockAddPathBeneathRule(fd, &ll.PathBeneathAttr{AllowedAccess: ll.AccessFSRefer, ParentFd: root}, 0),
		ll.LandlockRestrictSelf(fd, 0),
		unix.Close(root), unix.Close(fd),
	)
}

// scoped reports whether this process is in a domain of its own.
func scoped() bool { return os.Getenv(scopeVariable) == strconv.Itoa(os.Getpid()) }

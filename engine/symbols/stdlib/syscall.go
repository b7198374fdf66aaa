package stdlib

import (
	"reflect"
	"syscall"
)

// byHand are the tables that are not generated.
var byHand = [...]Package{
	{Path: "syscall", Name: "syscall", load: tableSyscall},
}

// tableSyscall is the part of package syscall that every system has, and that needs no memory of the caller: signals, and
// the numbers of errors.
func tableSyscall() map[string]reflect.Value {
	return map[string]reflect.Value{
		"Errno":  reflect.ValueOf((*syscall.Errno)(nil)),
		"Signal": reflect.ValueOf((*syscall.Signal)(nil)),

		"SIGABRT": reflect.ValueOf(syscall.SIGABRT),
		"SIGALRM": reflect.ValueOf(syscall.SIGALRM),
		"SIGBUS":  reflect.ValueOf(syscall.SIGBUS),
		"SIGFPE":  reflect.ValueOf(syscall.SIGFPE),
		"SIGHUP":  reflect.ValueOf(syscall.SIGHUP),
		"SIGILL":  reflect.ValueOf(syscall.SIGILL),
		"SIGINT":  reflect.ValueOf(syscall.SIGINT),
		"SIGKILL": reflect.ValueOf(syscall.SIGKILL),
		"SIGPIPE": reflect.ValueOf(syscall.SIGPIPE),
		"SIGQUIT": reflect.ValueOf(syscall.SIGQUIT),
		"SIGSEGV": reflect.ValueOf(syscall.SIGSEGV),
		"SIGTERM": reflect.ValueOf(syscall.SIGTERM),
		"SIGTRAP": reflect.ValueOf(syscall.SIGTRAP),

		"EACCES":        reflect.ValueOf(syscall.EACCES),
		"EADDRINUSE":    reflect.ValueOf(syscall.EADDRINUSE),
		"EADDRNOTAVAIL": reflect.ValueOf(syscall.EADDRNOTAVAIL),
		"EAGAIN":        reflect.ValueOf(syscall.EAGAIN),
		"EALREADY":      reflect.ValueOf(syscall.EALREADY),
		"EBADF":         reflect.ValueOf(syscall.EBADF),
		"EBUSY":         reflect.ValueOf(syscall.EBUSY),
		"ECHILD":        reflect.ValueOf(syscall.ECHILD),
		"ECONNABORTED":  reflect.ValueOf(syscall.ECONNABORTED),
		"ECONNREFUSED":  reflect.ValueOf(syscall.ECONNREFUSED),
		"ECONNRESET":    reflect.ValueOf(syscall.ECONNRESET),
		"EDOM":          reflect.ValueOf(syscall.EDOM),
		"EEXIST":        reflect.ValueOf(syscall.EEXIST),
		"EFBIG":         reflect.ValueOf(syscall.EFBIG),
		"EHOSTUNREACH":  reflect.ValueOf(syscall.EHOSTUNREACH),
		"EINPROGRESS":   reflect.ValueOf(syscall.EINPROGRESS),
		"EINTR":         reflect.ValueOf(syscall.EINTR),
		"EINVAL":        reflect.ValueOf(syscall.EINVAL),
		"EIO":           reflect.ValueOf(syscall.EIO),
		"EISCONN":       reflect.ValueOf(syscall.EISCONN),
		"EISDIR":        reflect.ValueOf(syscall.EISDIR),
		"ELOOP":         reflect.ValueOf(syscall.ELOOP),
		"EMFILE":        reflect.ValueOf(syscall.EMFILE),
		"EMLINK":        reflect.ValueOf(syscall.EMLINK),
		"ENAMETOOLONG":  reflect.ValueOf(syscall.ENAMETOOLONG),
		"ENETUNREACH":   reflect.ValueOf(syscall.ENETUNREACH),
		"ENFILE":        reflect.ValueOf(syscall.ENFILE),
		"ENODEV":        reflect.ValueOf(syscall.ENODEV),
		"ENOENT":        reflect.ValueOf(syscall.ENOENT),
		"ENOEXEC":       reflect.ValueOf(syscall.ENOEXEC),
		"ENOMEM":        reflect.ValueOf(syscall.ENOMEM),
		"ENOSPC":        reflect.ValueOf(syscall.ENOSPC),
		"ENOSYS":        reflect.ValueOf(syscall.ENOSYS),
		"ENOTCONN":      reflect.ValueOf(syscall.ENOTCONN),
		"ENOTDIR":       reflect.ValueOf(syscall.ENOTDIR),
		"ENOTEMPTY":     reflect.ValueOf(syscall.ENOTEMPTY),
		"ENOTSUP":       reflect.ValueOf(syscall.ENOTSUP),
		"ENXIO":         reflect.ValueOf(syscall.ENXIO),
		"EPERM":         reflect.ValueOf(syscall.EPERM),
		"EPIPE":         reflect.ValueOf(syscall.EPIPE),
		"ERANGE":        reflect.ValueOf(syscall.ERANGE),
		"EROFS":         reflect.ValueOf(syscall.EROFS),
		"ESPIPE":        reflect.ValueOf(syscall.ESPIPE),
		"ESRCH":         reflect.ValueOf(syscall.ESRCH),
		"ETIMEDOUT":     reflect.ValueOf(syscall.ETIMEDOUT),
		"EWOULDBLOCK":   reflect.ValueOf(syscall.EWOULDBLOCK),
		"EXDEV":         reflect.ValueOf(syscall.EXDEV),
	}
}

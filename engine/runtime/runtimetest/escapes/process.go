package escapes

import "github.com/scriptd/scriptd/engine/runtime"

// hidden is what a package answers that finds nothing where a variable is not granted.
const hidden = `; if v == "" { return "", errors.New("hidden") }; return "seen", nil`

// seeing is an escape that reads a variable of the environment, which is not there unless it is granted.
func seeing(name, imports, body string) escape {
	return escape{
		name, imports + " os errors", body + hidden, "",
		runtime.Permissions{Env: []string{"NOTHING"}},
		"hidden",
		runtime.Permissions{Env: []string{"PATH"}},
		"seen",
	}
}

var environment = []escape{
	seeing("os.Getenv", "", `v := os.Getenv("PATH")`),
	seeing("os.LookupEnv", "", `v, _ := os.LookupEnv("PATH")`),
	seeing("os.ExpandEnv", "", `v := os.ExpandEnv("$PATH")`),
	seeing("os.Environ", "strings", `v := ""; for _, e := range os.Environ() { if strings.HasPrefix(e, "PATH=") { v = e } }`),
	refused("os.Getenv without env", "os", `return os.Getenv("PATH"), nil`, "os.Getenv needs the permission env, which is not granted: add permissions: {env: [NAME]} to package team/x or its source in the configuration"),
	refused("os.Args", "os fmt", `return fmt.Sprint(os.Args), nil`, "os.Args needs the permission all, which is not granted: add permissions: {all: true} to package team/x or its source in the configuration"),
	refused("flag.Parse", "flag", `flag.Parse(); return "", nil`, "flag.Parse needs the permission all"),
	refused("os.Getppid", "os fmt", `return fmt.Sprint(os.Getppid()), nil`, "os.Getppid needs the permission all"),
	proc("arguments of the process", "/proc/self/cmdline"),
	proc("its memory map", "/proc/self/maps"),
	proc("its memory", "/proc/self/mem"),
	proc("its open files", "/proc/self/fd/0"),
	proc("its open files by /dev", "/dev/fd/0"),
	proc("its standard input", "/dev/stdin"),
	proc("another process", "/proc/1/cmdline"),
	proc("the same process by its thread", "/proc/thread-self/environ"),
	proc("the same process by its task", "/proc/self/task/../environ"),
	{
		"a configuration in the folder of the process", "os", `_, err := os.ReadFile("scriptd.yaml"); return "", err`, "",
		held, `/scriptd.yaml]} to package team/x or its source in the configuration`,
		runtime.Permissions{},
		"",
	},
}

// proc is an escape that reads what the kernel knows about a process. That takes a grant which names it: / is not enough.
func proc(name, file string) escape {
	return escape{
		name, "os", `f, err := os.Open("` + file + `"); if err == nil { f.Close() }; return "opened", err`, "",
		runtime.Permissions{Read: []string{"/"}},
		"permissions: {read: [/proc/",
		runtime.Permissions{},
		"",
	}
}

// refused is an escape that is not even loaded.
func refused(name, imports, body, denied string) escape {
	return escape{name, imports, body, "", held, denied, runtime.Permissions{}, ""}
}

// starting is an escape that starts a program which is not that of the grant.
func starting(name, imports, body, denied string) escape {
	return escape{name, imports, body, "", runtime.Permissions{Run: []string{"true"}}, denied, runtime.Permissions{Run: []string{"sh", "/bin/sh"}}, "ran"}
}

var programs = []escape{
	refused("exec.Command without run", "os/exec", `return "", exec.Command("true").Run()`, "os/exec needs the permission run, which is not granted: add permissions: {run: [PROGRAM]} to package team/x or its source in the configuration"),
	refused("os.StartProcess without run", "os", `_, err := os.StartProcess("/bin/sh", nil, nil); return "", err`, "needs the permission run"),
	refused("syscall", "syscall", `return "", syscall.Exec("/bin/sh", nil, nil)`, "syscall"),
	starting("exec.Command", "os/exec", `if err := exec.Command("sh", "-c", "exit 0").Run(); err != nil { return "", err }; return "ran", nil`, "permissions: {run: [sh]} to package team/x or its source in the configuration"),
	starting("exec.CommandContext", "os/exec", `if err := exec.CommandContext(ctx, "sh", "-c", "exit 0").Run(); err != nil { return "", err }; return "ran", nil`, "permissions: {run: [sh]"),
	starting("a path", "os/exec", `if err := exec.Command("/bin/sh", "-c", "exit 0").Run(); err != nil { return "", err }; return "ran", nil`, "permissions: {run: [/bin/sh]"),
	starting("a command that is changed", "os/exec", `c := exec.Command("true"); c.Path, c.Args = "/bin/sh", []string{"sh", "-c", "exit 0"}
	if err := c.Run(); err != nil { return "", err }; return "ran", nil`, "permissions: {run: [/bin/sh]"),
	starting("a command that is made by hand", "os/exec", `c := &exec.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "exit 0"}}
	if err := c.Run(); err != nil { return "", err }; return "ran", nil`, "permissions: {run: [/bin/sh]"),
	starting("output", "os/exec", `out, err := exec.Command("sh", "-c", "echo ran").Output(); if err != nil { return "", err }; return string(out[:3]), nil`, "permissions: {run: [sh]"),
	starting("by reflection", "os/exec reflect", `err, _ := reflect.ValueOf(&exec.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "exit 0"}}).MethodByName("Run").Call(nil)[0].Interface().(error)
	if err != nil { return "", err }; return "ran", nil`, "permissions: {run: [/bin/sh]"),
	starting("by an interface of its own", "os/exec", `var c interface { Run() error } = &exec.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "exit 0"}}
	if err := c.Run(); err != nil { return "", err }; return "ran", nil`, "permissions: {run: [/bin/sh]"),
	starting("os.StartProcess", "os", `p, err := os.StartProcess("/bin/sh", []string{"sh", "-c", "exit 0"}, &os.ProcAttr{}); if err != nil { return "", err }
	if _, err := p.Wait(); err != nil { return "", err }; return "ran", nil`, "permissions: {run: [/bin/sh]"),
	starting("exec.LookPath", "os/exec", `if _, err := exec.LookPath("sh"); err != nil { return "", err }; return "ran", nil`, "permissions: {run: [sh]"),
	{
		"a library that is loaded into a program", "os/exec", `c := exec.Command("true"); c.Env = []string{"LD_PRELOAD=DIR/granted/x.so"}; return "", c.Run()`, "",
		runtime.Permissions{Run: []string{"true"}},
		"permissions: {env: [LD_PRELOAD]",
		runtime.Permissions{},
		"",
	},
	{
		"a process that is not its own", "os", `p, err := os.FindProcess(1); if err != nil { return "", err }; return "", p.Signal(os.Interrupt)`, "",
		runtime.Permissions{Run: []string{"true"}},
		"permissions: {all: true} to package team/x",
		runtime.Permissions{},
		"",
	},
}

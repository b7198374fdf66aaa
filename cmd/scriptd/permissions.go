package main

import (
	"github.com/spf13/pflag"

	"github.com/scriptd/scriptd/engine/runtime"
)

// permissionFlags are Deno's flags. A flag without a value allows all of its kind.
type permissionFlags struct {
	all                        bool
	net, read, write, env, run []string
}

func (p *permissionFlags) add(flags *pflag.FlagSet) {
	flags.BoolVarP(&p.all, "allow-all", "A", false, "allow everything")
	for _, f := range []struct {
		name, every, usage string
		list               *[]string
	}{
		{"net", "*:*", "allow connections, to these `HOST:PORT` patterns only where there are any", &p.net},
		{"read", "/", "allow reading files, of these `PATH`s only where there are any", &p.read},
		{"write", "/", "allow writing files, of these `PATH`s only where there are any", &p.write},
		{"env", "*", "allow reading environment variables, of these `NAME`s only where there are any", &p.env},
		{"run", "*", "allow starting programs, of these `NAME`s only where there are any", &p.run},
	} {
		flags.StringSliceVar(f.list, "allow-"+f.name, nil, f.usage)
		flags.Lookup("allow-" + f.name).NoOptDefVal = f.every
	}
}

func (p *permissionFlags) permissions() runtime.Permissions {
	return runtime.Permissions{Net: p.net, Read: p.read, Write: p.write, Env: p.env, Run: p.run, All: p.all}
}

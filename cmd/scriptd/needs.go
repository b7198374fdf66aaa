package main

import (
	"fmt"
	"strings"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
)

// printNeeds prints what packages import, ask for and were granted.
func (a *app) printNeeds(packages []engine.PackagePermissions) error {
	for _, p := range packages {
		fmt.Fprintf(a.stdout, "\n%s\n", forPeople(p.Package))
		rows := [][]string{
			{"  imports", orDash(strings.Join(p.Imports, ", "))},
			{"  asks for", permissionList(p.Asks)},
			{"  granted", permissionList(p.Granted)},
		}
		if open := unanswered(p.Asks, p.Granted); open != "" {
			rows = append(rows, []string{"  not granted", open})
		}
		if err := a.printTable(rows); err != nil {
			return err
		}
	}
	return nil
}

// unanswered lists the permissions that a package asks for and has nothing of.
func unanswered(asks, granted runtime.Permissions) string {
	if granted.All {
		return ""
	}
	var open runtime.Permissions
	for _, kind := range []struct{ asked, has, open *[]string }{
		{&asks.Net, &granted.Net, &open.Net},
		{&asks.Read, &granted.Read, &open.Read},
		{&asks.Write, &granted.Write, &open.Write},
		{&asks.Env, &granted.Env, &open.Env},
		{&asks.Run, &granted.Run, &open.Run},
	} {
		if len(*kind.has) == 0 {
			*kind.open = *kind.asked
		}
	}
	open.All = asks.All
	if list := permissionList(open); list != noPermissions {
		return list
	}
	return ""
}

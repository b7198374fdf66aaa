package main

import (
	"errors"
	"fmt"
)

// check returns what keeps an organisation from being taken over: codes that are missing or not unique.
func (o organisation) check() error {
	var errs []error
	departments, users := make(map[string]bool), make(map[string]bool)
	for _, d := range o.Departments {
		errs = append(errs, once(departments, "department", d.Code))
	}
	for _, u := range o.Users {
		errs = append(errs, once(users, "user", u.Code))
	}
	return errors.Join(errs...)
}

func once(seen map[string]bool, what, code string) error {
	switch {
	case code == "":
		return fmt.Errorf("a %s has no code", what)
	case seen[code]:
		return fmt.Errorf("there are two %ss with the code %s", what, code)
	}
	seen[code] = true
	return nil
}

// dangling are references to what is not there. They are left out of a sync.
func (o organisation) dangling() []string {
	departments, users := make(map[string]bool), make(map[string]bool)
	for _, d := range o.Departments {
		departments[d.Code] = true
	}
	for _, u := range o.Users {
		users[u.Code] = true
	}
	var list []string
	tell := func(known map[string]bool, whose, what, code string) {
		if !known[code] {
			list = append(list, fmt.Sprintf("%s: there is no %s %s", whose, what, code))
		}
	}
	for _, d := range o.Departments {
		if d.Parent != "" {
			tell(departments, "department "+d.Code, "department", d.Parent)
		}
	}
	for _, u := range o.Users {
		for _, code := range u.Departments {
			tell(departments, "user "+u.Code, "department", code)
		}
		for _, code := range u.Leaders {
			tell(users, "user "+u.Code, "user", code)
		}
	}
	return list
}

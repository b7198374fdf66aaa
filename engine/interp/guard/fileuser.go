package guard

import (
	"os/user"
	"runtime"
)

// The files that say who there is. Names may come from elsewhere too; these stand for all.
const (
	usersFile  = "/etc/passwd"
	groupsFile = "/etc/group"
)

// userFuncs are the functions of package os/user.
func userFuncs(g *Guard) map[string]any {
	return map[string]any{
		"os/user.Current": func() (*user.User, error) {
			return asked(g, usersFile, "", func(string) (*user.User, error) { return user.Current() })
		},
		"os/user.Lookup":        func(name string) (*user.User, error) { return asked(g, usersFile, name, user.Lookup) },
		"os/user.LookupId":      func(id string) (*user.User, error) { return asked(g, usersFile, id, user.LookupId) },
		"os/user.LookupGroup":   func(name string) (*user.Group, error) { return asked(g, groupsFile, name, user.LookupGroup) },
		"os/user.LookupGroupId": func(id string) (*user.Group, error) { return asked(g, groupsFile, id, user.LookupGroupId) },
		"(*os/user.User).GroupIds": func(u *user.User) ([]string, error) {
			return asked(g, groupsFile, "", func(string) ([]string, error) { return u.GroupIds() })
		},
	}
}

// asked looks something up that a file holds, where that may be read.
func asked[T any](g *Guard, file, key string, lookup func(string) (T, error)) (T, error) {
	if runtime.GOOS != "windows" && !g.mayRead(file) {
		var none T
		_, err := g.folder(file, reading)
		return none, plain("open", file, err)
	}
	return lookup(key)
}

package escapes

import "github.com/scriptd/scriptd/engine/runtime"

// marking is an escape that changes what a file is, not what is in it. A process of its own may not do that at all.
func marking(name, imports, body, denied string) escape {
	e := writing(name, imports, body, denied)
	e.want = ""
	return e
}

// writing is an escape that changes a file.
func writing(name, imports, body, denied string) escape {
	return escape{
		name, imports, body + `; if err != nil { return "", err }; return "done", nil`, "",
		runtime.Permissions{Read: []string{"DIR"}, Write: []string{"DIR/granted"}},
		"permissions: {write: [DIR/" + denied,
		runtime.Permissions{Write: []string{"DIR/secret"}},
		"done",
	}
}

var fileWrites = []escape{
	writing("os.WriteFile", "os", `err := os.WriteFile("DIR/secret/new", nil, 0o600)`, "secret/new"),
	writing("ioutil.WriteFile", "io/ioutil", `err := ioutil.WriteFile("DIR/secret/new", nil, 0o600)`, "secret/new"),
	writing("os.Create", "os", `f, err := os.Create("DIR/secret/new"); if err == nil { f.Close() }`, "secret/new"),
	writing("os.OpenFile", "os", `f, err := os.OpenFile("DIR/secret/new", os.O_RDWR|os.O_APPEND, 0); if err == nil { f.Close() }`, "secret/new"),
	writing("os.Truncate", "os", `err := os.Truncate("DIR/secret/new", 0)`, "secret/new"),
	marking("os.Chmod", "os", `err := os.Chmod("DIR/secret/new", 0o600)`, "secret/new"),
	marking("os.Chtimes", "os time", `err := os.Chtimes("DIR/secret/new", time.Now(), time.Now())`, "secret/new"),
	writing("os.Mkdir", "os", `err := os.Mkdir("DIR/secret/folder", 0o700)`, "secret/folder"),
	writing("os.MkdirAll", "os", `err := os.MkdirAll("DIR/secret/folder/deep", 0o700)`, "secret/folder/deep"),
	writing("os.CreateTemp", "os", `f, err := os.CreateTemp("DIR/secret", "x"); if err == nil { f.Close(); err = os.Remove(f.Name()) }`, "secret/x"),
	writing("os.MkdirTemp", "os", `d, err := os.MkdirTemp("DIR/secret", "x"); if err == nil { err = os.Remove(d) }`, "secret/x"),
	writing("ioutil.TempDir", "os io/ioutil", `d, err := ioutil.TempDir("DIR/secret", "x"); if err == nil { err = os.Remove(d) }`, "secret/x"),
	writing("os.CopyFS", "os testing/fstest", `err := os.CopyFS("DIR/secret/copy", fstest.MapFS{"a": {}})`, "secret/copy"),
	writing("os.Symlink", "os", `err := os.Symlink("x", "DIR/secret/symlink")`, "secret/symlink"),
	writing("os.Link", "os", `err := os.Link("DIR/secret/file.txt", "DIR/granted/hard")`, "secret/file.txt"),
	writing("os.Rename to", "os", `err := os.Rename("DIR/granted/hard", "DIR/secret/hard")`, "secret/hard"),
	writing("os.Rename from", "os", `err := os.Rename("DIR/secret/hard", "DIR/granted/hard")`, "secret/hard"),
	writing("os.Root", "os", `r, err := os.OpenRoot("DIR/secret"); if err == nil { _, err = r.Create("new"); r.Close() }`, "secret"),
	writing("a link", "os", `err := os.WriteFile("DIR/granted/dir/new", nil, 0o600)`, "secret/new"),
	writing("a file that was opened to be read", "os", `f, err := os.Open("DIR/secret/file.txt"); if err == nil { err = f.Chmod(0o600); f.Close() }`, "secret/file.txt"),
	writing("os.RemoveAll", "os", `err := os.RemoveAll("DIR/secret/folder")`, "secret/folder"),
	writing("os.Remove", "os", `err := os.Remove("DIR/secret/new")`, "secret/new"),
	{
		"the folder of the process", "os", `f, err := os.Open("DIR/granted"); if err != nil { return "", err }; defer f.Close()
	var c interface { Chdir() error } = f; return "", c.Chdir()`, "", held, "permissions: {all: true} to package team/x", runtime.Permissions{}, "",
	},
}

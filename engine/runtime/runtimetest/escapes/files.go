package escapes

import "github.com/scriptd/scriptd/engine/runtime"

var (
	held   = runtime.Permissions{Read: []string{"DIR/granted"}}
	opened = runtime.Permissions{Read: []string{"DIR/secret"}}
)

const readAll = `if err != nil { return "", err }; defer f.Close(); b, err := io.ReadAll(f); return string(b), err`

// reading is an escape that reads a file.
func reading(name, imports, body, decls string) escape {
	return escape{name, imports, body, decls, held, "permissions: {read: [DIR/secret/file.txt]} to package team/x or its source in the configuration", opened, "secret"}
}

// reaching is an escape that reads something else in the folder.
func reaching(name, imports, body, path, want string) escape {
	return escape{name, imports, body, "", held, "permissions: {read: [DIR/secret" + path + "]} to package team/x", opened, want}
}

var fileReads = []escape{
	reading("os.Open", "os io", `f, err := os.Open("DIR/secret/file.txt"); `+readAll, ""),
	reading("os.OpenFile", "os io", `f, err := os.OpenFile("DIR/secret/file.txt", os.O_RDONLY, 0); `+readAll, ""),
	reading("os.ReadFile", "os", `b, err := os.ReadFile("DIR/secret/file.txt"); return string(b), err`, ""),
	reading("ioutil.ReadFile", "io/ioutil", `b, err := ioutil.ReadFile("DIR/secret/file.txt"); return string(b), err`, ""),
	reading("a value of a function", "os", `read := os.ReadFile; b, err := read("DIR/secret/file.txt"); return string(b), err`, ""),
	reading("in a goroutine", "os", `c := make(chan error, 1); var b []byte
	go func() { var err error; b, err = os.ReadFile("DIR/secret/file.txt"); c <- err }()
	err := <-c; return string(b), err`, ""),
	reading("..", "os", `b, err := os.ReadFile("DIR/granted/../secret/file.txt"); return string(b), err`, ""),
	reading("a link", "os", `b, err := os.ReadFile("DIR/granted/link"); return string(b), err`, ""),
	reading("a link with an absolute path", "os", `b, err := os.ReadFile("DIR/granted/abs"); return string(b), err`, ""),
	reading("a link to a folder", "os", `b, err := os.ReadFile("DIR/granted/dir/file.txt"); return string(b), err`, ""),
	reading("os.DirFS", "os io/fs", `b, err := fs.ReadFile(os.DirFS("DIR/secret"), "file.txt"); return string(b), err`, ""),
	reading("os.DirFS of what is granted", "os io/fs", `b, err := fs.ReadFile(os.DirFS("DIR/granted"), "dir/file.txt"); return string(b), err`, ""),
	reaching("os.OpenRoot", "os", `r, err := os.OpenRoot("DIR/secret"); if err != nil { return "", err }; defer r.Close()
	b, err := r.ReadFile("file.txt"); return string(b), err`, "", "secret"),
	reaching("os.OpenInRoot", "os io", `f, err := os.OpenInRoot("DIR/secret", "file.txt"); `+readAll, "", "secret"),
	reaching("os.ReadDir", "os", `list, err := os.ReadDir("DIR/secret"); if err != nil { return "", err }; return list[0].Name(), nil`, "", "a.zip"),
	reaching("ioutil.ReadDir", "io/ioutil", `list, err := ioutil.ReadDir("DIR/secret"); if err != nil { return "", err }; return list[0].Name(), nil`, "", "a.zip"),
	reaching("os.Stat", "os", `i, err := os.Stat("DIR/secret/file.txt"); if err != nil { return "", err }; return i.Name(), nil`, "/file.txt", "file.txt"),
	reaching("os.Lstat", "os", `i, err := os.Lstat("DIR/secret/file.txt"); if err != nil { return "", err }; return i.Name(), nil`, "/file.txt", "file.txt"),
	reaching("filepath.Glob", "path/filepath fmt", `m, err := filepath.Glob("DIR/secret/*.zip"); return fmt.Sprint(m), err`, "", "[DIR/secret/a.zip]"),
	reaching("filepath.WalkDir", "path/filepath io/fs", `n := ""; err := filepath.WalkDir("DIR/secret", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && n == "" { n = d.Name() }
		return err
	}); return n, err`, "", "a.zip"),
	reaching("filepath.Walk", "path/filepath io/fs", `n := ""; err := filepath.Walk("DIR/secret", func(p string, i fs.FileInfo, err error) error {
		if err == nil && !i.IsDir() && n == "" { n = i.Name() }
		return err
	}); return n, err`, "", "a.zip"),
	reaching("filepath.EvalSymlinks", "path/filepath", `return filepath.EvalSymlinks("DIR/granted/link")`, "", "DIR/secret/file.txt"),
	reading("text/template.ParseFiles", "text/template", `t, err := template.ParseFiles("DIR/secret/file.txt"); if err != nil { return "", err }; return t.Root.String(), nil`, ""),
	reaching("text/template.ParseGlob", "text/template", `t, err := template.ParseGlob("DIR/secret/f*"); if err != nil { return "", err }; return t.Root.String(), nil`, "", "secret"),
	reading("a method of text/template", "text/template", `t, err := template.New("x").ParseFiles("DIR/secret/file.txt"); if err != nil { return "", err }; return t.Lookup("file.txt").Root.String(), nil`, ""),
	reading("html/template.ParseFiles", "html/template", `t, err := template.ParseFiles("DIR/secret/file.txt"); if err != nil { return "", err }; return t.Tree.Root.String(), nil`, ""),
	reading("a method of html/template", "html/template", `t, err := template.New("x").ParseFiles("DIR/secret/file.txt"); if err != nil { return "", err }; return t.Lookup("file.txt").Tree.Root.String(), nil`, ""),
	reading("a method by an interface of its own", "text/template", `var p parser = template.New("x")
	t, err := p.ParseFiles("DIR/secret/file.txt"); if err != nil { return "", err }; return t.Lookup("file.txt").Root.String(), nil`,
		"type parser interface { ParseFiles(...string) (*template.Template, error) }"),
	reading("a method by reflection", "text/template reflect", `out := reflect.ValueOf(template.New("x")).MethodByName("ParseFiles").Call([]reflect.Value{reflect.ValueOf("DIR/secret/file.txt")})
	if err, ok := out[1].Interface().(error); ok { return "", err }
	return out[0].Interface().(*template.Template).Lookup("file.txt").Root.String(), nil`, ""),
	reading("a method of a type by reflection", "text/template reflect", `m, _ := reflect.TypeOf(template.New("x")).MethodByName("ParseFiles")
	out := m.Func.Call([]reflect.Value{reflect.ValueOf(template.New("x")), reflect.ValueOf("DIR/secret/file.txt")})
	if err, ok := out[1].Interface().(error); ok { return "", err }
	return out[0].Interface().(*template.Template).Lookup("file.txt").Root.String(), nil`, ""),
	reading("reflection by reflection", "text/template reflect", `t := reflect.ValueOf(template.New("x"))
	m := reflect.ValueOf(t).MethodByName("MethodByName").Call([]reflect.Value{reflect.ValueOf("ParseFiles")})[0].Interface().(reflect.Value)
	out := m.Call([]reflect.Value{reflect.ValueOf("DIR/secret/file.txt")})
	if err, ok := out[1].Interface().(error); ok { return "", err }
	return out[0].Interface().(*template.Template).Lookup("file.txt").Root.String(), nil`, ""),
	reading("a method in a template", "text/template strings", `var b strings.Builder
	t := template.Must(template.New("x").Parse("{{$t := .ParseFiles \"DIR/secret/file.txt\"}}{{($t.Lookup \"file.txt\").Root}}"))
	err := t.Execute(&b, template.New("y")); return b.String(), err`, ""),
	reading("a promoted method", "text/template", `t, err := own{template.New("x")}.ParseFiles("DIR/secret/file.txt"); if err != nil { return "", err }; return t.Lookup("file.txt").Root.String(), nil`,
		"type own struct{ *template.Template }"),
	reaching("go/parser.ParseFile", "go/parser go/token", `f, err := parser.ParseFile(token.NewFileSet(), "DIR/secret/p.go", nil, 0); if err != nil { return "", err }; return f.Name.Name, nil`, "/p.go", "secret"),
	reaching("go/parser.ParseDir", "go/parser go/token", `f, err := parser.ParseDir(token.NewFileSet(), "DIR/secret", nil, 0); if err != nil { return "", err }; return f["secret"].Name, nil`, "", "secret"),
	reaching("archive/zip.OpenReader", "archive/zip", `r, err := zip.OpenReader("DIR/secret/a.zip"); if err != nil { return "", err }; defer r.Close(); return r.File[0].Name, nil`, "/a.zip", "secret"),
	reaching("tls.LoadX509KeyPair", "crypto/tls fmt", `c, err := tls.LoadX509KeyPair("DIR/secret/cert.pem", "DIR/secret/key.pem"); return fmt.Sprint(len(c.Certificate)), err`, "/cert.pem", "1"),
	{
		"debug/elf.Open", "debug/elf", `f, err := elf.Open("EXE"); if err != nil { return "", err }; return f.Class.String(), f.Close()`, "",
		held, "permissions: {read: [EXE]",
		runtime.Permissions{Read: []string{"EXE"}},
		"ELFCLASS64",
	},
	{
		"debug/buildinfo.ReadFile", "debug/buildinfo", `i, err := buildinfo.ReadFile("EXE"); if err != nil { return "", err }; return i.Path, nil`, "",
		held, "permissions: {read: [EXE]",
		runtime.Permissions{Read: []string{"EXE"}},
		"BUILD",
	},
	reaching("debug/macho.Open", "debug/macho", `_, err := macho.Open("DIR/secret/file.txt"); return "", err`, "/file.txt", ""),
	reaching("debug/macho.OpenFat", "debug/macho", `_, err := macho.OpenFat("DIR/secret/file.txt"); return "", err`, "/file.txt", ""),
	reaching("debug/pe.Open", "debug/pe", `_, err := pe.Open("DIR/secret/file.txt"); return "", err`, "/file.txt", ""),
	reaching("debug/plan9obj.Open", "debug/plan9obj", `_, err := plan9obj.Open("DIR/secret/file.txt"); return "", err`, "/file.txt", ""),
	{
		"os/user.Lookup", "os/user", `u, err := user.Lookup("root"); if err != nil { return "", err }; return u.Uid, nil`, "",
		held, "permissions: {read: [/etc/passwd]",
		runtime.Permissions{Read: []string{"/etc/passwd"}},
		"0",
	},
	{
		"/etc/passwd", "os strings", `b, err := os.ReadFile("/etc/passwd"); if err != nil { return "", err }; return strings.SplitN(string(b), ":", 2)[0], nil`, "",
		held, "open /etc/passwd: permission denied: add permissions: {read: [/etc/passwd]} to package team/x or its source in the configuration",
		runtime.Permissions{Read: []string{"/etc/passwd"}},
		"root",
	},
	{
		"the environment of the process", "os", `_, err := os.ReadFile("/proc/self/environ"); return "read", err`, "",
		runtime.Permissions{Read: []string{"/"}},
		"permissions: {read: [/proc/self/environ]",
		runtime.Permissions{Read: []string{"/proc/self/environ"}},
		"read",
	},
	{
		"the root of the process", "os", `_, err := os.ReadFile("/proc/self/root/etc/passwd"); return "", err`, "",
		held, "permissions: {read: [/proc/self/root/etc/passwd]",
		runtime.Permissions{},
		"",
	},
	{
		"no permission at all", "os", `_, err := os.ReadFile("/etc/passwd"); return "", err`, "",
		runtime.Permissions{},
		"os.ReadFile needs the permission read, which is not granted: add permissions: {read: [PATH]} to package team/x or its source in the configuration",
		runtime.Permissions{},
		"",
	},
	{
		"no permission, and a method by an interface", "text/template", `var p parser = template.New("x"); _, err := p.ParseFiles("DIR/secret/file.txt"); return "", err`,
		"type parser interface { ParseFiles(...string) (*template.Template, error) }",
		runtime.Permissions{},
		"permissions: {read: [DIR/secret/file.txt]",
		runtime.Permissions{},
		"",
	},
}

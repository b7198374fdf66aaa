package interp

import (
	"encoding"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/traefik/yaegi/interp"
)

// overrides are what a package is given in place of compiled symbols that belong to the host: its standard streams, its
// default loggers, its environment and its life.
func (in *instance) overrides() map[string]map[string]any {
	empty := strings.NewReader("")
	std := log.New(in.output, "", 0)
	logger := in.log
	return map[string]map[string]any{
		"fmt": {
			"Print":   func(a ...any) (int, error) { return fmt.Fprint(in.output, a...) },
			"Printf":  func(f string, a ...any) (int, error) { return fmt.Fprintf(in.output, f, a...) },
			"Println": func(a ...any) (int, error) { return fmt.Fprintln(in.output, a...) },
			"Scan":    func(a ...any) (int, error) { return fmt.Fscan(empty, a...) },
			"Scanf":   func(f string, a ...any) (int, error) { return fmt.Fscanf(empty, f, a...) },
			"Scanln":  func(a ...any) (int, error) { return fmt.Fscanln(empty, a...) },
		},
		"log": {
			"Default": func() *log.Logger { return std },
			"Print":   std.Print, "Printf": std.Printf, "Println": std.Println,
			"Panic": std.Panic, "Panicf": std.Panicf, "Panicln": std.Panicln,
			// A plugin does not end its host.
			"Fatal": std.Panic, "Fatalf": std.Panicf, "Fatalln": std.Panicln,
			"Flags": std.Flags, "SetFlags": std.SetFlags, "Prefix": std.Prefix, "SetPrefix": std.SetPrefix,
			"Output": std.Output, "SetOutput": std.SetOutput, "Writer": std.Writer,
		},
		"log/slog": {
			"Default": func() *slog.Logger { return logger }, "With": logger.With,
			"Debug": logger.Debug, "Info": logger.Info, "Warn": logger.Warn, "Error": logger.Error,
			"DebugContext": logger.DebugContext, "InfoContext": logger.InfoContext, "WarnContext": logger.WarnContext,
			"ErrorContext": logger.ErrorContext, "Log": logger.Log, "LogAttrs": logger.LogAttrs,
		},
		"os": {
			"Getenv":    func(name string) string { v, _ := in.lookupEnv(name); return v },
			"LookupEnv": in.lookupEnv,
			"Environ":   in.environ,
			"ExpandEnv": func(s string) string {
				return os.Expand(s, func(name string) string { v, _ := in.lookupEnv(name); return v })
			},
			"Exit": func(code int) { panic(fmt.Sprintf("os.Exit(%d): a plugin does not end its host", code)) },
		},
	}
}

// lookupEnv reads a variable of the environment that the package may read. Others are not set, as far as it can see.
func (in *instance) lookupEnv(name string) (string, bool) {
	p := in.pkg.Permissions
	if !p.All && !slices.Contains(p.Env, name) && !slices.Contains(p.Env, "*") {
		return "", false
	}
	return os.LookupEnv(name)
}

func (in *instance) environ() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, ok := in.lookupEnv(name)
		return !ok
	})
}

// hints name, for compiled functions that look for methods on what they are given, the interfaces that they look for.
var hints = func() map[string][]reflect.Type {
	var (
		printed = []reflect.Type{reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[fmt.Stringer]()}
		scanned = []reflect.Type{reflect.TypeFor[fmt.Scanner]()}
		text    = reflect.TypeFor[encoding.TextMarshaler]()
		untext  = reflect.TypeFor[encoding.TextUnmarshaler]()
	)
	h := map[string][]reflect.Type{
		"encoding/json.Marshal":   {reflect.TypeFor[json.Marshaler](), text},
		"encoding/json.Unmarshal": {reflect.TypeFor[json.Unmarshaler](), untext},
		"encoding/xml.Marshal":    {reflect.TypeFor[xml.Marshaler](), text},
		"encoding/xml.Unmarshal":  {reflect.TypeFor[xml.Unmarshaler](), untext},
	}
	for name := range strings.FieldsSeq("Errorf Fprint Fprintf Fprintln Print Printf Println Sprint Sprintf Sprintln") {
		h["fmt."+name] = printed
	}
	for name := range strings.FieldsSeq("Print Printf Println Panic Panicf Panicln Fatal Fatalf Fatalln") {
		h["log."+name] = printed
	}
	for name := range strings.FieldsSeq("Scan Scanf Scanln") {
		h["fmt."+name] = scanned
	}
	return h
}()

// addMethodHints tells the interpreter which methods the functions in the tables look for, and adds the wrappers of
// those interfaces.
func (r *Runtime) addMethodHints(exports interp.Exports) {
	mapTypes := make(map[reflect.Value][]reflect.Type)
	for key, table := range exports {
		importPath := strings.TrimSuffix(key, "/-")
		for name, v := range table {
			if interfaces := hints[importPath+"."+name]; interfaces != nil {
				mapTypes[v] = interfaces
			}
		}
	}
	for _, interfaces := range mapTypes {
		for _, t := range interfaces {
			key := t.PkgPath() + "/-"
			if v, ok := r.universe.Symbol(t.PkgPath(), "_"+t.Name()); ok {
				if exports[key] == nil {
					exports[key] = make(map[string]reflect.Value)
				}
				exports[key]["_"+t.Name()] = v
			}
		}
	}
	exports["."] = map[string]reflect.Value{"MapTypes": reflect.ValueOf(mapTypes)}
}

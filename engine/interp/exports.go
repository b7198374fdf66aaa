package interp

import (
	"encoding"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"reflect"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/lower"
)

// exports are the tables that a program is given: the symbols that it names, and the wrappers of the interfaces that
// they mention.
func (r *Runtime) exports(prog *check.Program, in *instance) interp.Exports {
	exports := interp.Exports{}
	table := func(importPath string) map[string]reflect.Value {
		// The interpreter patches the standard library when it is given a table of the name fmt/fmt. The overrides
		// do that better, and imports are named, so that the name may be any.
		key := importPath + "/-"
		if exports[key] == nil {
			exports[key] = make(map[string]reflect.Value)
		}
		return exports[key]
	}
	for _, pkg := range prog.Packages {
		for _, imported := range pkg.Types.Imports() {
			if !r.universe.Has(imported.Path()) {
				continue
			}
			table(imported.Path())
			for _, w := range r.universe.Wrappers(imported.Path()) {
				table(w.Path)[w.Name] = w.Value
			}
		}
	}
	for _, obj := range prog.Info.Uses {
		if obj.Pkg() == nil || obj.Parent() != obj.Pkg().Scope() {
			continue
		}
		if v, ok := r.universe.Symbol(obj.Pkg().Path(), obj.Name()); ok {
			table(obj.Pkg().Path())[obj.Name()] = v
		}
	}
	for key, used := range exports {
		for name, v := range in.overrides(strings.TrimSuffix(key, "/-")) {
			if _, ok := used[name]; ok {
				used[name] = reflect.ValueOf(v)
			}
		}
	}
	exports[lower.HostPath+"/"+lower.HostName] = map[string]reflect.Value{
		lower.TagFunc:  reflect.ValueOf(in.tag),
		lower.PanicFun: reflect.ValueOf(in.panic),
	}
	r.addMethodHints(exports)
	return exports
}

// hints name, for compiled functions that look for methods on what they are given, the interfaces that they look for.
var hints = func() map[string][]reflect.Type {
	var (
		printed = []reflect.Type{reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[error](), reflect.TypeFor[fmt.Stringer]()}
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

package extract

import (
	"fmt"
	"go/types"
	"strings"
)

// wrapper adds the type through which an interpreted value becomes one of an interface.
func (t *table) wrapper(obj *types.TypeName, i *types.Interface) {
	fieldNames := map[string]bool{"IValue": true}
	for m := range i.Methods() {
		fieldNames["W"+m.Name()] = true
	}
	for m := range i.Methods() {
		why := ""
		if !m.Exported() {
			why = fmt.Sprintf("its method %s is not exported", m.Name())
		} else if hidden := t.unreachable(m.Type()); hidden != "" {
			why = fmt.Sprintf("its method %s mentions %s, which they cannot name", m.Name(), hidden)
		} else if fieldNames[m.Name()] {
			why = fmt.Sprintf("its method %s has the name of a field that its wrapper needs", m.Name())
		}
		if why != "" {
			at := types.Object(m)
			if m.Pkg() != t.pkg.Types { // of an embedded interface
				at = obj
			}
			t.note(at, "plugins cannot implement %s.%s: %s", t.pkg.Name, obj.Name(), why)
			return
		}
	}
	f := t.file
	name := "_" + sanitized(t.pkg.PkgPath) + "_" + obj.Name()
	for f.names[name] {
		name += "_"
	}
	f.names[name] = true
	t.wrappers = append(t.wrappers, entry{"_" + obj.Name(), "(*" + name + ")(nil)", ""})
	var fields, methods strings.Builder
	for m := range i.Methods() {
		params, args, results := t.signature(m.Signature())
		fmt.Fprintf(&fields, "W%s func(%s) %s\n", m.Name(), params, results)
		ret := ""
		if results != "" {
			ret = "return "
		}
		fmt.Fprintf(&methods, "\nfunc (W %s) %s(%s) %s { %sW.W%s(%s) }\n", name, m.Name(), params, results, ret, m.Name(), args)
	}
	fmt.Fprintf(&f.types, "\n// %s wraps interpreted values of %s.%s.\ntype %s struct {\nIValue any\n%s}\n%s",
		name, f.qualify(t.pkg.Types), obj.Name(), name, fields.String(), methods.String())
}

// signature writes parameters, the arguments that are the same, and results.
func (t *table) signature(s *types.Signature) (params, args, results string) {
	in := make([]string, s.Params().Len())
	names := make([]string, len(in))
	for i := range in {
		typ := types.TypeString(s.Params().At(i).Type(), t.file.qualify)
		names[i] = fmt.Sprintf("a%d", i)
		if s.Variadic() && i == len(in)-1 {
			elem := s.Params().At(i).Type().(*types.Slice).Elem()
			in[i] = names[i] + " ..." + types.TypeString(elem, t.file.qualify)
			names[i] += "..."
			continue
		}
		in[i] = names[i] + " " + typ
	}
	out := make([]string, s.Results().Len())
	for i := range out {
		out[i] = types.TypeString(s.Results().At(i).Type(), t.file.qualify)
	}
	if results = strings.Join(out, ", "); len(out) > 1 {
		results = "(" + results + ")"
	}
	return strings.Join(in, ", "), strings.Join(names, ", "), results
}

// sanitized makes a part of an identifier of an import path.
func sanitized(path string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, path)
}

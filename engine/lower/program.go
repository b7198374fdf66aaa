package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// program translates everything that the entry points reach.
func (l *lowerer) program() {
	l.allHot = l.callsByName()
	for _, name := range alwaysHot {
		l.hotNames[name] = true
	}
	for _, name := range l.Methods {
		l.hotNames[name] = true
	}
	for _, pkg := range l.Packages {
		l.heatImports(pkg.Types)
	}
	l.findLogPlaces()
	for _, pkg := range l.Packages {
		l.initialise(pkg)
	}
	entry := l.entry()
	rest := l.finish()
	l.assemble(entry, rest)
}

// heatImports makes the names of methods known that the functions of imported packages look for.
func (l *lowerer) heatImports(pkg *types.Package) {
	for _, imported := range pkg.Imports() {
		for _, name := range hotByImport(imported.Path()) {
			l.hotNames[name] = true
		}
	}
}

// initialise translates the initialisation of a package: its variables, in their order, and its init functions.
func (l *lowerer) initialise(pkg *Package) {
	for _, v := range pkg.Embedded {
		fmt.Fprintf(&l.init, "%s = rt.Embed(%d).(%s)\n", l.global(v), len(l.out.Embedded), l.typ(v.Type()))
		l.out.Embedded = append(l.out.Embedded, v)
	}
	for _, init := range pkg.InitOrder {
		l.initializer(pkg, init)
	}
	for _, file := range pkg.Files {
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				obj := pkg.Info.Defs[fn.Name].(*types.Func)
				in := l.function(obj, nil)
				arg := ""
				if in.recovers {
					arg = l.notRecovering()
				}
				fmt.Fprintf(&l.init, "%s(%s)\n", in.name, arg)
			}
		}
	}
}

// initializer translates the initialisation of variables into a function of its own: what a frame has costs each
// literal that is made in it.
func (l *lowerer) initializer(pkg *Package, init *types.Initializer) {
	f := &fn{
		l: l, pkg: pkg, out: &block{}, sig: types.NewSignatureType(nil, nil, nil, nil, nil, false),
		top: &topLevel{names: make(map[types.Object]string), use: usageOf(pkg.Info, init.Rhs)},
	}
	f.refuseIn(init.Rhs)
	f.mark(init.Rhs.Pos())
	if len(init.Lhs) == 1 {
		v := init.Lhs[0]
		value := f.exprTo(init.Rhs, v.Type())
		switch {
		case v.Name() == "_":
			f.discard(value)
		case value.isNil:
			l.global(v)
		default:
			f.emit("%s = %s", l.global(v), value.text)
		}
	} else {
		for i, value := range f.several(init.Rhs) {
			v := init.Lhs[i]
			if v.Name() == "_" {
				continue
			}
			f.emit("%s = %s", l.global(v), f.assign(value, v.Type()).text)
		}
	}
	name := fmt.Sprintf("i%d", l.number())
	fmt.Fprintf(&l.code, "func %s() {\n%s\n}\n", name, strings.Join(f.out.lines, "\n"))
	fmt.Fprintf(&l.init, "%s()\n", name)
}

// entry returns the text of the function that the host calls.
func (l *lowerer) entry() string {
	in := l.function(l.Entry, nil)
	sig := l.Entry.Signature()
	var params, args []string
	if in.recovers {
		args = append(args, l.notRecovering())
	}
	for i := range sig.Params().Len() {
		params = append(params, fmt.Sprintf("a%d %s", i, l.paramType(sig, i)))
		args = append(args, fmt.Sprintf("a%d", i))
	}
	ret := ""
	if sig.Results().Len() > 0 {
		ret = "return "
	}
	return fmt.Sprintf("func Entry(%s)%s { %s%s(%s) }\n", strings.Join(params, ", "), l.results(sig), ret, in.name, strings.Join(args, ", "))
}

// finish translates what is left until nothing new is met, and returns the dispatchers. What they reach may box more
// types, for which there may be more to dispatch.
func (l *lowerer) finish() string {
	for {
		l.drain()
		before := [...]int{len(l.hotTypes), len(l.hotNames), len(l.dispOrder), len(l.boxed)}
		for i := 0; i < len(l.hotTypes); i++ {
			l.writeMethods(l.hotTypes[i])
		}
		for i := 0; i < len(l.dispOrder); i++ {
			l.extend(l.dispOrder[i])
		}
		if len(l.queue) == 0 && before == [...]int{len(l.hotTypes), len(l.hotNames), len(l.dispOrder), len(l.boxed)} {
			break
		}
	}
	var b strings.Builder
	for _, d := range l.dispOrder {
		l.writeDispatcher(d, &b)
	}
	l.start.WriteString(l.given.String())
	return b.String()
}

func (l *lowerer) drain() {
	for len(l.queue) > 0 {
		next := l.queue[0]
		l.queue = l.queue[1:]
		next()
	}
}

// assemble puts the file together.
func (l *lowerer) assemble(entry, dispatchers string) {
	var b strings.Builder
	b.WriteString("//line /-/" + Base + ":1:1\npackage main\n\nimport rt \"x/rt\"\n")
	for _, p := range slices.Sorted(maps.Keys(l.imports)) {
		fmt.Fprintf(&b, "import %s %q\n", l.imports[p], "x/"+p)
	}
	b.WriteString("\n")
	b.WriteString(strings.Join(l.structDecls, ""))
	b.WriteString(l.decls.String())
	b.WriteString(l.code.String())
	b.WriteString("//line /-/" + Base + ":1:1\n")
	b.WriteString(dispatchers)
	b.WriteString(entry)
	if init := l.start.String() + l.init.String(); init != "" {
		fmt.Fprintf(&b, "func Start() {\n%s}\n", init)
	}
	l.out.Text = []byte(b.String())
}

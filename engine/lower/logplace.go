package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"path"
)

// A program that has log print where it is called gets stand-ins that are told: their names end in placed, and their first
// argument is FILE:LINE.
const placed = "@"

var logPlaces = reason{
	"the calls that package log sees are the interpreter's, and only a direct call is known where it stands",
	"call it directly, in a function literal where need be, or leave log.Lshortfile out",
}

// findLogPlaces looks for the flag with which log prints where it is called.
func (l *lowerer) findLogPlaces() {
	for _, pkg := range l.Packages {
		for _, imported := range pkg.Types.Imports() {
			if imported.Path() != "log" {
				continue
			}
			flag := imported.Scope().Lookup("Lshortfile")
			for id, obj := range pkg.Info.Uses {
				if obj != nil && obj.Name() == "SetDefault" && obj.Pkg() != nil && obj.Pkg().Path() == "log/slog" {
					l.ownSlog = true
				}
				if obj == flag && (!l.logFlag.IsValid() || id.Pos() < l.logFlagPos) {
					l.logFlag, l.logFlagPos = pkg.Fset.Position(id.Pos()), id.Pos()
				}
			}
			return
		}
	}
}

// isPlaced reports whether the stand-in for a compiled function is told where it is called.
func (l *lowerer) isPlaced(fn *types.Func) bool {
	return l.logFlag.IsValid() && fn.Pkg() != nil && fn.Pkg().Path() == "log" && l.Replaced(fn.FullName()+placed)
}

// logPlace returns the argument that says where a call stands. It refuses a call that happens at another time.
func (f *fn) logPlace(pos token.Pos, name string, later bool) string {
	p := f.position(pos)
	if later {
		f.l.note(p, fmt.Sprintf("with log.Lshortfile, a deferred call of %s, or one in a go statement", shortName(name)), logPlaces)
	}
	return quote(fmt.Sprintf("%s:%d", path.Base(p.Filename), p.Line))
}

// refuseIndirect refuses calls of methods of log.Logger that the author did not write as such.
func (l *lowerer) refuseIndirect(what string) {
	l.note(l.logFlag, "log.Lshortfile together with "+what, logPlaces)
}

// logDepth refuses calls of Output that concern another place than their own.
func (r *refuser) logDepth(e *ast.CallExpr, fn *types.Func) {
	if fn.Name() != "Output" || !r.l.isPlaced(fn) {
		return
	}
	if v := r.pkg.Info.Types[e.Args[0]].Value; v == nil || !constant.Compare(v, token.EQL, constant.MakeInt64(1)) {
		r.l.note(r.position(e.Args[0].Pos()), "with log.Lshortfile, a depth other than 1", logPlaces)
	}
}

// logThroughSlog refuses what prints through package log if no other handler is set.
func (r *refuser) logThroughSlog(id *ast.Ident, obj types.Object) {
	if !r.l.logFlag.IsValid() || r.l.ownSlog || obj.Pkg().Path() != "log/slog" {
		return
	}
	switch obj.Name() {
	case "Debug", "Info", "Warn", "Error", "DebugContext", "InfoContext", "WarnContext", "ErrorContext", "Log", "LogAttrs", "With", "Default":
		if obj.Parent() == obj.Pkg().Scope() {
			r.l.note(r.position(id.Pos()), "with log.Lshortfile, slog."+obj.Name()+", which prints through package log", logPlaces)
		}
	}
}

// isLogger reports whether a type is that of loggers.
func isLogger(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "log" && n.Obj().Name() == "Logger"
}

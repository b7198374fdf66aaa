package box

import "maps"

// Funcs returns the functions that stand in for compiled ones which look for methods, fields or names of types by
// reflection, and would find those of a Box. The key is the full name of what is replaced, as types.Func.FullName gives it:
// "encoding/json.Marshal", "(*encoding/json.Encoder).Encode". A stand-in for a method takes the receiver first. Otherwise
// the signatures are the same.
func (p *Program) Funcs() map[string]any {
	all := make(map[string]any)
	for _, funcs := range []map[string]any{
		p.jsonFuncs(), p.xmlFuncs(), p.equalFuncs(), p.sliceFuncs(), p.keyFuncs(), p.flagFuncs(), p.reflectFuncs(), p.binaryFuncs(), p.gobFuncs(),
		p.fmtFuncs(), p.logFuncs(), p.logPlaceFuncs(), p.slogFuncs(), p.templateFuncs(), p.errorsFuncs(),
	} {
		maps.Copy(all, funcs)
	}
	return all
}

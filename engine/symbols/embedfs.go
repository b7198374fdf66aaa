package symbols

import (
	"cmp"
	"embed"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// EmbedFS returns the embed.FS that a compiler makes of these files: contents by slash-separated name.
//
// What an embed.FS consists of is not exported. It is a pointer to a slice of structs with the fields name and data, which
// the test of this function would find changed.
func EmbedFS(files map[string][]byte) embed.FS {
	contents := make(map[string]string, len(files))
	for name, data := range files {
		contents[name] = string(data)
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			contents[dir+"/"] = ""
		}
	}
	var fsys embed.FS
	field := settable(reflect.ValueOf(&fsys).Elem().FieldByName("files"))
	list := reflect.New(field.Type().Elem())
	list.Elem().Set(reflect.MakeSlice(field.Type().Elem(), len(contents), len(contents)))
	for i, name := range slices.SortedFunc(maps.Keys(contents), compareEmbedded) {
		file := list.Elem().Index(i)
		settable(file.FieldByName("name")).SetString(name)
		settable(file.FieldByName("data")).SetString(contents[name])
	}
	field.Set(list)
	return fsys
}

// compareEmbedded orders by folder first, then by name.
func compareEmbedded(a, b string) int {
	dirA, nameA := path.Split(strings.TrimSuffix(a, "/"))
	dirB, nameB := path.Split(strings.TrimSuffix(b, "/"))
	return cmp.Or(
		strings.Compare(path.Clean(dirA), path.Clean(dirB)),
		strings.Compare(nameA, nameB),
	)
}

// settable returns a field that is not exported, such that it can be set.
func settable(field reflect.Value) reflect.Value {
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
}

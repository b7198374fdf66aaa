package guard

import (
	"os"
	"path/filepath"
	"reflect"
)

// A file that is opened through a folder has the name that it has there; opened by its path, it has that path. What
// compiled packages keep to themselves is set by reflection; a test holds the names of the fields.

// set gives a field that is not exported a value. The path of fields leads through pointers.
func set(pointer any, value any, path ...string) {
	v := reflect.ValueOf(pointer)
	for _, name := range path {
		v = v.Elem().FieldByName(name)
	}
	reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem().Set(reflect.ValueOf(value))
}

// named gives a file the name by which it was opened.
func named(f *os.File, name string) *os.File {
	set(f, name, "file", "name")
	return f
}

// namedInfo gives what is known about a file the last element of the path by which it was asked for.
func namedInfo(info os.FileInfo, path string) os.FileInfo {
	set(info, filepath.Base(path), "name")
	return info
}

package host

import (
	"cmp"
	"reflect"
	"slices"
	"unsafe"
)

// Sort sorts a slice whose elements are of an ordered type, as slices.Sort does.
func Sort(slice any) {
	switch s := slice.(type) {
	case []int:
		slices.Sort(s)
		return
	case []string:
		slices.Sort(s)
		return
	case []float64:
		slices.Sort(s)
		return
	}
	v := reflect.ValueOf(slice)
	if sorter := sorters[v.Type().Elem().Kind()]; sorter != nil {
		sorter(v)
		return
	}
	panic("host.Sort: not a slice of an ordered type: " + v.Type().String())
}

var sorters = map[reflect.Kind]func(reflect.Value){
	reflect.Int:     sortAs[int],
	reflect.Int8:    sortAs[int8],
	reflect.Int16:   sortAs[int16],
	reflect.Int32:   sortAs[int32],
	reflect.Int64:   sortAs[int64],
	reflect.Uint:    sortAs[uint],
	reflect.Uint8:   sortAs[uint8],
	reflect.Uint16:  sortAs[uint16],
	reflect.Uint32:  sortAs[uint32],
	reflect.Uint64:  sortAs[uint64],
	reflect.Uintptr: sortAs[uintptr],
	reflect.Float32: sortAs[float32],
	reflect.Float64: sortAs[float64],
	reflect.String:  sortAs[string],
}

// sortAs sorts a slice whose elements are of a type with the underlying type T.
func sortAs[T cmp.Ordered](slice reflect.Value) {
	slices.Sort(unsafe.Slice((*T)(slice.UnsafePointer()), slice.Len()))
}

// SortFunc sorts a slice as slices.SortFunc does: with the same comparisons in the same order, and so with the same
// order of what is equal. compare compares the elements that had the indices i and j before.
func SortFunc(slice any, compare func(i, j int) int) {
	sortIndices(slice, compare, slices.SortFunc[[]int])
}

// SortStableFunc is SortFunc for slices.SortStableFunc.
func SortStableFunc(slice any, compare func(i, j int) int) {
	sortIndices(slice, compare, slices.SortStableFunc[[]int])
}

func sortIndices(slice any, compare func(i, j int) int, sort func([]int, func(i, j int) int)) {
	v := reflect.ValueOf(slice)
	order := make([]int, v.Len())
	for i := range order {
		order[i] = i
	}
	defer func() { // a panic of compare leaves the slice half sorted, too
		old := reflect.MakeSlice(reflect.SliceOf(v.Type().Elem()), v.Len(), v.Len())
		reflect.Copy(old, v)
		for to, from := range order {
			if to != from {
				v.Index(to).Set(old.Index(from))
			}
		}
	}()
	sort(order, compare)
}

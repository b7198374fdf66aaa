package host

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"time"
)

// Scan sets what a pointer points to to a value of a database, which is not nil, as a sql.Null scans its value.
func Scan(to, value any) error {
	v := reflect.ValueOf(to).Elem()
	if scan := scanners[v.Type()]; scan != nil {
		return scan(v, value)
	}
	if scan := kindScanners[v.Kind()]; scan != nil {
		return scan(v, value)
	}
	return fmt.Errorf("unsupported Scan, storing driver.Value type %T into type %T", value, to)
}

var scanners = map[reflect.Type]func(reflect.Value, any) error{
	reflect.TypeFor[any]():          scanAs[any],
	reflect.TypeFor[[]byte]():       scanAs[[]byte],
	reflect.TypeFor[sql.RawBytes](): scanAs[sql.RawBytes],
	reflect.TypeFor[time.Time]():    scanAs[time.Time],
}

var kindScanners = map[reflect.Kind]func(reflect.Value, any) error{
	reflect.Bool:    scanAs[bool],
	reflect.Int:     scanAs[int],
	reflect.Int8:    scanAs[int8],
	reflect.Int16:   scanAs[int16],
	reflect.Int32:   scanAs[int32],
	reflect.Int64:   scanAs[int64],
	reflect.Uint:    scanAs[uint],
	reflect.Uint8:   scanAs[uint8],
	reflect.Uint16:  scanAs[uint16],
	reflect.Uint32:  scanAs[uint32],
	reflect.Uint64:  scanAs[uint64],
	reflect.Float32: scanAs[float32],
	reflect.Float64: scanAs[float64],
	reflect.String:  scanAs[string],
}

func scanAs[T any](to reflect.Value, value any) error {
	var null sql.Null[T]
	if err := null.Scan(value); err != nil {
		return err
	}
	to.Set(reflect.ValueOf(&null.V).Elem().Convert(to.Type()))
	return nil
}

// DriverValue returns a value as a database takes it.
func DriverValue(v any) (driver.Value, error) {
	return driver.DefaultParameterConverter.ConvertValue(v)
}

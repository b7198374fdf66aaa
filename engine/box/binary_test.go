package box_test

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"io"
	"reflect"
	"testing"
)

func TestBinary(t *testing.T) {
	m := newMirror(t, "binarytypes_test.go")
	funcs := m.prog.Funcs()
	write := funcs["encoding/binary.Write"].(func(io.Writer, binary.ByteOrder, any) error)
	read := funcs["encoding/binary.Read"].(func(io.Reader, binary.ByteOrder, any) error)
	size := funcs["encoding/binary.Size"].(func(any) int)
	appendTo := funcs["encoding/binary.Append"].(func([]byte, binary.ByteOrder, any) ([]byte, error))
	header := bHeader{[4]byte{'C', 'O', 'R', 'P'}, 2, 0, [2]bKind{1, 3}, -5, [2]bPair{{1, 2}, {3, 4}}}
	for _, v := range []any{header, &header, bKind(7), bWords{1, 2}, []bPair{{5, 6}}, bNotFixed{1}, []bNotFixed{}, uint16(3), []int16{4}, "s", new(bKind)} {
		t.Run(fmt.Sprintf("%T", v), func(t *testing.T) {
			boxed := m.box(v)
			var got, want bytes.Buffer
			gotErr, wantErr := write(&got, binary.BigEndian, boxed), binary.Write(&want, binary.BigEndian, v)
			if show(got.Bytes(), gotErr) != show(want.Bytes(), wantErr) {
				t.Errorf("Write: got %q, want %q", show(got.Bytes(), gotErr), show(want.Bytes(), wantErr))
			}
			if got, want := size(boxed), binary.Size(v); got != want {
				t.Errorf("Size: got %d, want %d", got, want)
			}
			a, gotErr := appendTo([]byte("x"), binary.LittleEndian, boxed)
			b, wantErr := binary.Append([]byte("x"), binary.LittleEndian, v)
			if show(a, gotErr) != show(b, wantErr) {
				t.Errorf("Append: got %q, want %q", show(a, gotErr), show(b, wantErr))
			}
			from := bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7, 8}, 10)
			into := m.copied(v)
			gotErr, wantErr = read(bytes.NewReader(from), binary.LittleEndian, boxed), binary.Read(bytes.NewReader(from), binary.LittleEndian, into)
			if errorText(gotErr) != errorText(wantErr) {
				t.Errorf("Read: got %v, want %v", gotErr, wantErr)
			}
			if reached := m.compiled(boxed); !reflect.DeepEqual(reached, into) {
				t.Errorf("Read: got %+v, want %+v", reached, into)
			}
		})
	}
}

func TestGob(t *testing.T) {
	m := newMirror(t, "binarytypes_test.go")
	encode := m.prog.Funcs()["(*encoding/gob.Encoder).Encode"].(func(*gob.Encoder, any) error)
	decode := m.prog.Funcs()["(*encoding/gob.Decoder).Decode"].(func(*gob.Decoder, any) error)
	kind := gKind(4)
	msg := gMsg{
		3, "n", gTags{"t"}, map[gKind]*gInner{1: {1, 2, "h"}}, gInner{3, 4, "h"}, []gInner{{5, 6, "h"}, {hidden: "h"}}, 9, &kind, nil,
	}
	for _, test := range []struct{ from, into any }{
		{msg, new(gMsg)},
		{&msg, &gMsg{Name: "old", priv: 5, Inner: gInner{7, 8, "keep"}, Tags: gTags{"a", "b"}}},
		{gMsg{}, &gMsg{Name: "old"}},
		{gKind(3), new(gKind)},
		{[]gInner{{1, 2, "h"}}, new([]gInner)},
		{gHidden{1}, new(gHidden)},
		{gHolds{}, new(gHolds)},
		{map[string]gInner{"a": {1, 2, ""}}, new(map[string]gInner)},
		{"plain", new(string)},
		{msg, new(gInner)},
		{msg, gMsg{}},
		{gKind(3), new(string)},
	} {
		t.Run(fmt.Sprintf("%T to %T", test.from, test.into), func(t *testing.T) {
			var gotStream, wantStream bytes.Buffer
			gotErr, wantErr := encode(gob.NewEncoder(&gotStream), m.box(test.from)), gob.NewEncoder(&wantStream).Encode(test.from)
			if errorText(gotErr) != errorText(wantErr) {
				t.Fatalf("Encode: got %v, want %v", gotErr, wantErr)
			}
			if wantErr != nil {
				return
			}
			// What the erased program sends, compiled ones can read, and the other way round.
			for _, stream := range [][2][]byte{{gotStream.Bytes(), wantStream.Bytes()}, {wantStream.Bytes(), gotStream.Bytes()}} {
				boxed, into := m.box(test.into), m.copied(test.into)
				gotErr := decode(gob.NewDecoder(bytes.NewReader(stream[0])), boxed)
				wantErr := gob.NewDecoder(bytes.NewReader(stream[1])).Decode(into)
				if (gotErr == nil) != (wantErr == nil) {
					t.Errorf("Decode: got %v, want %v", gotErr, wantErr)
				}
				if reached := m.compiled(boxed); !reflect.DeepEqual(reached, into) {
					t.Errorf("Decode: got %+v, want %+v", reached, into)
				}
			}
		})
	}
	if err := encode(gob.NewEncoder(io.Discard), m.box(gEncoder{1})); err == nil {
		t.Error("a type with GobEncode was sent without it")
	}
}

package schema_test

// The types of TestFieldsAreThoseOfJSON, which reads this file. It has no imports.

type (
	plain struct {
		A int
		B string `json:"b"`
		C bool   `json:",omitempty"`
		D *int   `json:"d,omitempty"`
		e int
		F int    `json:"-"`
		G int    `json:"-,"`
		H string `json:"bad\"name"`
		I string `json:"ok name!#$%&()*+-./:;<=>?@[]^_{|}~"`
		J int    `json:"ümläut"`
		K int    `json:"日本"`
		L int    `other:"x" json:"l"`
		M int    `json:"M" yaml:"m"`
	}
	quotedFields struct {
		A int            `json:",string"`
		B bool           `json:"b,string"`
		C float64        `json:",string,omitempty"`
		D string         `json:",string"`
		E *int           `json:",string"`
		F []int          `json:",string"`
		G map[string]int `json:",string"`
		H named          `json:",string"`
		I **int          `json:",string"`
		J namedPointer   `json:",string"`
		K uintptr        `json:",string"`
		L any            `json:",string"`
	}
	named        int
	namedPointer *int

	inner   struct{ A, B int }
	Inner   struct{ B, C int }
	other   struct{ B, D int }
	deep    struct{ inner }
	deeper  struct{ deep }
	Text    string
	text    string
	numbers []int
	Numbers []int
	face    interface{ M() }
	Face    interface{ M() }
	hidden  struct{ a, b int }

	embedded         struct{ inner }
	embeddedExported struct{ Inner }
	embeddedPointer  struct{ *Inner }
	embeddedTwice    struct {
		inner
		Inner
	}
	embeddedThrice struct {
		inner
		Inner
		other
	}
	embeddedAndOwn struct {
		inner
		B string
	}
	embeddedNamed struct {
		Inner `json:"in"`
	}
	embeddedHiddenNamed struct {
		inner `json:"in"`
	}
	embeddedOmitted struct {
		Inner `json:"-"`
	}
	embeddedOptions struct {
		Inner `json:",omitempty"`
	}
	embeddedText       struct{ Text }
	embeddedHiddenText struct {
		text
		A int
	}
	embeddedTextPointer struct{ *Text }
	embeddedSlice       struct {
		Numbers
		numbers
	}
	embeddedInterface struct {
		Face
		A int
	}
	embeddedHiddenFace struct {
		face
		A int
	}
	embeddedHiddenFields struct {
		hidden
		A int
	}
	embeddedDeep struct {
		deeper
		B string
	}
	embeddedDiamond struct {
		left
		right
	}
	left struct {
		Inner
		L int
	}
	right struct {
		Inner
		R int
	}
	taggedWins struct {
		tagged
		inner
	}
	tagged struct {
		X int `json:"A"`
	}
	twoTagged struct {
		*tagged
		*alsoTagged
		B int
	}
	alsoTagged struct {
		Y int `json:"A"`
	}
	taggedAndNamed struct {
		X int `json:"Y"`
		Y int
	}
	recursive struct {
		A int
		*recursive
	}
	RecursiveExported struct {
		*RecursiveExported
		B int
	}
	recursivePair struct {
		*pairOther
		A int
	}
	pairOther struct {
		*recursivePair
		B int
	}
	shadowed struct {
		shadowing
		A struct{ X int }
	}
	shadowing   struct{ A int }
	caseDiffers struct {
		A      int
		Alower int `json:"a"`
	}
	anonymous struct {
		A struct {
			inner
			Z int
		}
	}
	omitsNothing struct {
		A int `json:",omitempty,omitzero,unknown"`
		B int `json:"b,"`
	}
)

func ptr[T any](v T) *T { return &v }

// fieldValues are values of the types, with something in every field that can be told from others.
var fieldValues = []any{
	plain{1, "2", true, ptr(4), 5, 6, 7, "8", "9", 10, 11, 12, 13},
	quotedFields{1, true, 3, "4", ptr(5), []int{6}, map[string]int{"7": 7}, 8, ptr(ptr(9)), ptr(10), 11, 12},
	embedded{inner{1, 2}},
	embeddedExported{Inner{1, 2}},
	embeddedPointer{&Inner{1, 2}},
	embeddedPointer{},
	embeddedTwice{inner{1, 2}, Inner{3, 4}},
	embeddedThrice{inner{1, 2}, Inner{3, 4}, other{5, 6}},
	embeddedAndOwn{inner{1, 2}, "3"},
	embeddedNamed{Inner{1, 2}},
	embeddedHiddenNamed{inner{1, 2}},
	embeddedOmitted{Inner{1, 2}},
	embeddedOptions{Inner{1, 2}},
	embeddedText{"1"},
	embeddedHiddenText{"1", 2},
	embeddedTextPointer{ptr(Text("1"))},
	embeddedSlice{Numbers{1}, numbers{2}},
	embeddedInterface{nil, 1},
	embeddedHiddenFace{nil, 1},
	embeddedHiddenFields{hidden{1, 2}, 3},
	embeddedDeep{deeper{deep{inner{1, 2}}}, "3"},
	embeddedDiamond{left{Inner{1, 2}, 3}, right{Inner{4, 5}, 6}},
	taggedWins{tagged{1}, inner{2, 3}},
	twoTagged{&tagged{1}, &alsoTagged{2}, 3},
	taggedAndNamed{1, 2},
	recursive{1, &recursive{2, nil}},
	RecursiveExported{&RecursiveExported{nil, 1}, 2},
	recursivePair{&pairOther{&recursivePair{nil, 1}, 2}, 3},
	shadowed{shadowing{1}, struct{ X int }{2}},
	caseDiffers{1, 2},
	anonymous{struct {
		inner
		Z int
	}{inner{1, 2}, 3}},
	omitsNothing{1, 2},
}

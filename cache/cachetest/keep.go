package cachetest

import (
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scriptd/scriptd/cache"
)

func keepCases() []testCase {
	return []testCase{
		{"Trees lists what is there, and what it is for", keepTrees},
		{"Trees lists what nobody knows", keepUnknown},
		{"Size grows with what is put, and shrinks with what is removed", keepSize},
		{"Verify finds nothing in a sound store", keepVerify},
		{"Verify changes nothing in a sound store", keepRepair},
	}
}

func keepTrees(t suite) {
	k := t.keeper()
	trees := t.past("team", 4)
	t.setControl("team", cache.Control{Packages: map[string]cache.PackageControl{"a": {Pin: trees[2], Revision: "2"}}})
	t.activate("team", cache.Active{
		Revision: "3", Digest: trees[3],
		Packages: map[string][]cache.Version{"a": {{Digest: trees[1], Revision: "1", State: cache.Retired}}},
	})
	t.activate("other", cache.Active{Revision: "x", Digest: trees[3]})
	list, err := k.Trees(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[cache.Digest][]cache.Use{}
	for _, tree := range list {
		got[tree.Digest] = tree.Uses
		if tree.Files != 2 || tree.Bytes != 17 || tree.Error != "" {
			t.Errorf("got %+v, want two files of 17 bytes", tree)
		}
		for _, u := range tree.Uses {
			if u.Until.IsZero() != (u.Role == cache.RoleActive) {
				t.Errorf("got %+v: what is not active was replaced", u)
			}
		}
	}
	want := map[cache.Digest][]cache.Use{
		trees[0]: {{Source: "team", Role: cache.RolePast, Revision: "0"}},
		trees[1]: {{Source: "team", Role: cache.RoleHistory, Revision: "1"}},
		trees[2]: {{Source: "team", Role: cache.RolePinned, Revision: "2"}},
		trees[3]: {{Source: "other", Role: cache.RoleActive, Revision: "x"}, {Source: "team", Role: cache.RoleActive, Revision: "3"}},
	}
	if diff := cmp.Diff(got, want, cmpopts.IgnoreFields(cache.Use{}, "Until")); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
}

func keepUnknown(t suite) {
	k := t.keeper()
	d := t.put(fstest.MapFS{})
	list, err := k.Trees(t.Context())
	if err != nil || len(list) != 1 || list[0].Digest != d || list[0].Files != 0 || len(list[0].Uses) != 0 || list[0].Uses == nil {
		t.Errorf("got %+v and error %v", list, err)
	}
}

func keepSize(t suite) {
	size := func() cache.Size {
		s, err := t.keeper().Size(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := size(); s.Trees != 0 || s.Contents != 0 || s.Listings != 0 {
		t.Errorf("got %+v of an empty store", s)
	}
	t.past("team", 2)
	two := size()
	if two.Trees != 2 || two.Blobs != 3 || two.Contents != 21 || two.Listings <= 0 || two.Records <= 0 || two.Temporary != 0 || two.Corrupt != 0 {
		t.Errorf("got %+v of two trees with three contents", two)
	}
	if sum := two.Listings + two.Contents + two.Records; two.Total != sum {
		t.Errorf("got total %d of parts of %d bytes", two.Total, sum)
	}
	t.collect(cache.Retention{Keep: 1})
	if one := size(); one.Trees != 1 || one.Blobs != 2 || one.Contents != 17 || one.Total >= two.Total {
		t.Errorf("got %+v of one tree", one)
	}
}

func (t suite) verify(repair bool) {
	t.Helper()
	t.past("team", 2)
	t.setControl("team", t.control())
	d := t.put(sample())
	v, err := t.keeper().Verify(t.Context(), repair)
	if err != nil {
		t.Fatal(err)
	}
	if v.Trees != 3 || v.Blobs < 3+10 || v.Records < 2 || v.Bytes <= 21 || len(v.Damage) != 0 || v.Damage == nil {
		t.Errorf("got %+v", v)
	}
	t.wantTree(d, sample())
}

func keepVerify(t suite) { t.verify(false) }
func keepRepair(t suite) { t.verify(true) }

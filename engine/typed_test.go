package engine_test

import (
	"sort"
	"testing"

	"github.com/scriptd/scriptd/engine"
)

func TestSmoke(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a/a.go": `package a

import "github.com/scriptd/scriptd/plugin"

type list []int
func (l list) Len() int { return len(l) }
func (l list) Less(i, j int) bool { return l[i] < l[j] }
func (l list) Swap(i, j int) { l[i], l[j] = l[j], l[i] }

func Register(r *plugin.Registrar) error {
	return r.Provide("sorter", "a", list{3, 1, 2})
}
`})
	e := open(t, engine.Options{Contracts: []engine.Contract{engine.NewContract[sort.Interface]("sorter", 1)}, Sources: []engine.Source{folder(t, "local", dir)}})
	t.Log(e.Sources())
	v, err := engine.Get[sort.Interface](e, "a")
	if err != nil {
		t.Fatal(err)
	}
	sort.Sort(v)
	if v.Len() != 3 || !v.Less(0, 1) || !v.Less(1, 2) {
		t.Error("not sorted")
	}
}

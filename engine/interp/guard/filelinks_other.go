//go:build !unix

package guard

import "errors"

// errBetween: an os.Root renames within itself, and there is no other way that no link can lead astray.
var errBetween = errors.New("the paths are in folders that are granted one by one: grant one that holds both")

func renameBetween(place, place) error { return errBetween }

func linkBetween(place, place) error { return errBetween }

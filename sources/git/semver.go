package git

import (
	"strings"

	"github.com/Masterminds/semver/v3"
)

// versionRange returns the range of versions that a ref stands for where no branch or tag has its name: v1.x, ^1.2,
// ">=1.4 <2". A plain version is no range: v1.2 is a tag, or nothing.
func versionRange(ref string) (*semver.Constraints, bool) {
	if len(ref) > maxRange || !strings.ContainsAny(ref, "0123456789*") || !isRange(ref) {
		return nil, false
	}
	c, err := semver.NewConstraint(strings.TrimPrefix(ref, "v"))
	return c, err == nil
}

// maxRange is more than anybody writes.
const maxRange = 256

// isRange reports whether there is an operator in it, or a number that is left open.
func isRange(ref string) bool {
	if strings.ContainsAny(ref, "^~<>=|, ") {
		return true
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "v"), ".") {
		switch part {
		case "x", "X", "*":
			return true
		}
	}
	return false
}

// newest returns the tag with the highest version within a range, empty for none. Of tags with the same version, which
// differ in the v or in what follows a +, it is the last by name.
func (r refs) newest(within *semver.Constraints) (tag string) {
	var best *semver.Version
	for name := range r.hashes {
		short, ok := strings.CutPrefix(name, "refs/tags/")
		if !ok {
			continue
		}
		v, err := semver.StrictNewVersion(strings.TrimPrefix(short, "v"))
		if err != nil || !within.Check(v) {
			continue
		}
		if best != nil {
			if order := v.Compare(best); order < 0 || order == 0 && short < tag {
				continue
			}
		}
		best, tag = v, short
	}
	return tag
}

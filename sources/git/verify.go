package git

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/trust"
)

// maxSigned bounds a commit or a tag that is verified.
const maxSigned = 1 << 20

// verify fails with the kind Unverified where a commit, or the tag that led to it, is not signed as it should be. A
// commit names its files by their hashes: what is signed is all of them, and those of submodules.
func (s *Source) verify(ctx context.Context, objects storer.EncodedObjectStorer, commit plumbing.Hash) error {
	if !s.opts.Verify.IsSet() || s.nesting > 0 {
		return nil
	}
	if s.opts.VerifyTag {
		return sources.Fail(sources.Unverified, s.verifyTag(ctx, objects, commit), "tag of commit %s", commit)
	}
	raw, err := readRaw(objects, plumbing.CommitObject, commit)
	if err != nil {
		return err
	}
	payload, signature, err := splitCommit(raw)
	if err == nil {
		err = s.opts.Verify.Verify(payload, signature, trust.SignedByGit)
	}
	return sources.Fail(sources.Unverified, err, "commit %s", commit)
}

// verifyTag verifies the tag that Resolve found.
func (s *Source) verifyTag(ctx context.Context, storage storer.EncodedObjectStorer, commit plumbing.Hash) error {
	s.mu.Lock()
	hash, known := s.tag, s.tagged == commit
	s.mu.Unlock()
	if !known || hash.IsZero() {
		return errors.New("the ref is no annotated tag")
	}
	o, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	if o, ok := o.(remoteOrigin); ok {
		below, _ := storage.(*objects)
		if storage, err = o.fetch(ctx, hash, false, &state{commit, below}); err != nil {
			return err
		}
	}
	raw, err := readRaw(storage, plumbing.TagObject, hash)
	if err != nil {
		return err
	}
	tag, err := object.GetTag(storage, hash)
	if err != nil {
		return err
	}
	if tag.TargetType != plumbing.CommitObject || tag.Target != commit {
		return errors.New("it is not a tag of the commit itself")
	}
	payload, signature := splitTag(raw)
	return s.opts.Verify.Verify(payload, signature, trust.SignedByGit)
}

func readRaw(objects storer.EncodedObjectStorer, kind plumbing.ObjectType, hash plumbing.Hash) ([]byte, error) {
	obj, err := objects.EncodedObject(kind, hash)
	if err != nil {
		return nil, err
	}
	if obj.Size() > maxSigned {
		return nil, sources.Fail(sources.Refused, errors.New("it is too long"), "%s %s", kind, hash)
	}
	r, err := obj.Reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxSigned))
}

// splitCommit takes the signature out of a commit: it is a header, gpgsig whatever its kind, whose further lines begin
// with a space.
func splitCommit(raw []byte) (payload, signature []byte, err error) {
	head, message, _ := bytes.Cut(raw, []byte("\n\n"))
	var rest []string
	in, found := false, 0
	var sig strings.Builder
	for line := range strings.SplitSeq(string(head), "\n") {
		first, ok := strings.CutPrefix(line, "gpgsig ")
		switch {
		case ok:
			in = true
			found++
			sig.WriteString(first + "\n")
		case in && strings.HasPrefix(line, " "):
			sig.WriteString(line[1:] + "\n")
		default:
			in = false
			rest = append(rest, line)
		}
	}
	if found > 1 {
		return nil, nil, errors.New("it has several signatures")
	}
	payload = append([]byte(strings.Join(rest, "\n")+"\n\n"), message...)
	return payload, []byte(sig.String()), nil
}

// splitTag takes the signature off the end of a tag.
func splitTag(raw []byte) (payload, signature []byte) {
	at := -1
	for _, begin := range []string{"-----BEGIN SSH SIGNATURE-----", "-----BEGIN PGP SIGNATURE-----"} {
		if i := bytes.LastIndex(raw, []byte("\n"+begin)); i > at {
			at = i
		}
	}
	if at < 0 {
		return raw, nil
	}
	return raw[:at+1], raw[at+1:]
}

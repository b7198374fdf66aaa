package git

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/Masterminds/semver/v3"
)

const hashOfA = "0123456789abcdef0123456789abcdef01234567"

func lines(texts ...string) string {
	var w pktWriter
	for _, text := range texts {
		w.line("%s", text)
	}
	w.mark(pktFlush)
	return w.String()
}

func TestReadRefs(t *testing.T) {
	refs, err := readRefs(strings.NewReader(lines(
		hashOfA+" HEAD", hashOfA+" refs/heads/main", strings.Repeat("2", 40)+" refs/tags/v1 peeled:"+hashOfA, "unborn HEAD symref-target:refs/heads/x",
		hashOfA+" refs/heads/x symref-target:refs/heads/main other:thing",
	)))
	if err != nil {
		t.Fatal(err)
	}
	if len(refs.hashes) != 3 || refs.head.String() != hashOfA || refs.peeled["refs/tags/v1"].String() != hashOfA {
		t.Errorf("got %+v", refs)
	}
	for in, want := range map[string]error{
		"":                                       errNotV2,
		"0000":                                   nil,
		"0001":                                   errNotGit,
		"zzzz":                                   errNotGit,
		"0003":                                   errNotGit,
		"ffff":                                   errNotGit,
		"00":                                     io.ErrUnexpectedEOF,
		"0032" + hashOfA:                         io.ErrUnexpectedEOF,
		lines("main " + hashOfA):                 errNotGit,
		lines(hashOfA):                           errNotGit,
		lines(hashOfA[:39] + "g refs/x"):         errNotGit,
		lines(hashOfA + " a peeled:nothing"):     errNotGit,
		lines("ERR access denied"):               serverError("access denied"),
		lines(hashOfA + " refs/heads/main")[:60]: io.ErrUnexpectedEOF,
	} {
		if _, err := readRefs(strings.NewReader(in)); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", in, err, want)
		}
	}
}

func FuzzReadRefs(f *testing.F) {
	f.Add([]byte(lines(hashOfA+" HEAD", hashOfA+" refs/tags/v1.2.3 peeled:"+hashOfA)), "v1.x")
	f.Add([]byte("0009ERR x0000"), "main")
	f.Add([]byte("0001000200030004"), "^1")
	f.Fuzz(func(t *testing.T, in []byte, ref string) {
		refs, err := readRefs(bytes.NewReader(in))
		if err != nil {
			return
		}
		at, err := refs.find(ref)
		if err == nil && at.commit.IsZero() {
			t.Errorf("%q leads to no commit", ref)
		}
		if all, err := semver.NewConstraint("*"); err == nil {
			refs.newest(all)
		}
	})
}

func FuzzFetchAnswer(f *testing.F) {
	t := &testing.T{}
	good := pack(t, true, strings.Repeat("abc", 100), strings.Repeat("abc", 100)+"x")
	f.Add([]byte(lines("shallow-info")[:17]+"0001"+lines("packfile")[:13]), good)
	f.Add([]byte("000dpackfile\n"), good)
	f.Fuzz(func(_ *testing.T, head, body []byte) {
		var b bytes.Buffer
		b.Write(head)
		for len(body) > 0 {
			n := min(len(body), 1000)
			b.WriteString(string(hex4(n+5)) + "\x01")
			b.Write(body[:n])
			body = body[n:]
		}
		b.WriteString("0000")
		pkt := newPktReader(&b)
		if skipToPack(pkt) != nil {
			return
		}
		o, err := unpack(context.Background(), &bandReader{pkt: pkt}, nil)
		if err != nil {
			return
		}
		for hash := range o.index {
			if obj, err := o.EncodedObject(o.index[hash].kind, hash); err == nil {
				if r, err := obj.Reader(); err == nil {
					_, _ = io.Copy(io.Discard, r) // it may fail, and must not end the process
					r.Close()
				}
			}
		}
	})
}

func hex4(n int) []byte {
	const digits = "0123456789abcdef"
	return []byte{digits[n>>12&15], digits[n>>8&15], digits[n>>4&15], digits[n&15]}
}

func FuzzSplitSigned(f *testing.F) {
	f.Add([]byte("tree x\ngpgsig a\n b\n\nmessage"))
	f.Add([]byte("object x\n\nmessage\n-----BEGIN SSH SIGNATURE-----\nx"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		payload, signature, err := splitCommit(raw)
		if err == nil && len(signature) > 0 && bytes.Contains(bytes.SplitN(payload, []byte("\n\n"), 2)[0], []byte("\ngpgsig ")) {
			t.Errorf("%q keeps a signature: %q", raw, payload)
		}
		before, after := splitTag(raw)
		if !bytes.Equal(append(bytes.Clone(before), after...), raw) {
			t.Errorf("%q loses something", raw)
		}
	})
}

func FuzzVersionRange(f *testing.F) {
	f.Add("v1.x", "v1.2.3")
	f.Add(">=1 <2 || ^3", "1.0.0-rc.1+b")
	f.Fuzz(func(t *testing.T, ref, tag string) {
		within, ok := versionRange(ref)
		if !ok {
			return
		}
		refs, err := readRefs(strings.NewReader(lines(hashOfA + " refs/tags/" + strings.ReplaceAll(tag, "\n", ""))))
		if err != nil {
			return
		}
		if found := refs.newest(within); found != "" && !strings.Contains(tag, found) {
			t.Errorf("%q for %q", found, tag)
		}
	})
}

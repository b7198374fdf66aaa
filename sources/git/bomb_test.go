package git_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest/bomb"
)

const someCommit = "0123456789abcdef0123456789abcdef01234567"

// v2 is a server that speaks version 2, and answers what it likes.
func v2(t *testing.T, answer func(w io.Writer)) *git.Source {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
			fmt.Fprint(w, line("version 2\n")+"0000")
			return
		}
		answer(w)
	}))
	t.Cleanup(srv.Close)
	return open(t, git.Options{URL: srv.URL + "/x.git", Ref: "main"})
}

func refusesRefs(answer func(w io.Writer)) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		_, err := v2(t, answer).Resolve(t.Context())
		wantError(t, err, sources.Refused)
	}
}

// refusesPack sends a pack as bands do.
func refusesPack(kind sources.Kind, write func(pack io.Writer)) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		src := v2(t, func(w io.Writer) {
			fmt.Fprint(w, line("packfile\n"))
			write(bands{w})
			fmt.Fprint(w, "0000")
		})
		err := src.Fetch(t.Context(), someCommit, sources.NewTree(sources.Selection{}, sources.Limits{}))
		wantError(t, err, kind)
	}
}

type bands struct{ w io.Writer }

func (b bands) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), 65000)
		if _, err := fmt.Fprintf(b.w, "%04x\x01%s", n+5, rest[:n]); err != nil {
			return 0, err
		}
		rest = rest[n:]
	}
	return len(p), nil
}

// packWriter writes packs that git would not.
type packWriter struct {
	bytes.Buffer
}

func newPack(objects uint32) *packWriter {
	p := new(packWriter)
	p.WriteString("PACK\x00\x00\x00\x02")
	_ = binary.Write(p, binary.BigEndian, objects) // it has no errors
	return p
}

// header writes the type and the size of an object.
func (p *packWriter) header(kind byte, size uint64) {
	b := kind<<4 | byte(size&15)
	for size >>= 4; size > 0; size >>= 7 {
		p.WriteByte(b | 0x80)
		b = byte(size & 0x7f)
	}
	p.WriteByte(b)
}

func (p *packWriter) deflate(content []byte) { p.Write(deflated(content)) }

func deflated(content []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(content) // a buffer has no errors
	_ = z.Close()
	return b.Bytes()
}

func (p *packWriter) end() []byte {
	sum := sha1.Sum(p.Bytes())
	p.Write(sum[:])
	return p.Bytes()
}

// delta makes size bytes of a base of size base, by copying the base over and over.
func delta(base, size int) []byte {
	b := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(base)), uint64(size))
	for n := size; n > 0; {
		part := min(n, base, 0xffffff)
		b = append(b, 0x80|0x70, byte(part), byte(part>>8), byte(part>>16))
		n -= part
	}
	return b
}

// deltaBomb is a chain of deltas, each of which makes size bytes.
func deltaBomb(links, size int) []byte {
	p := newPack(uint32(links + 1))
	base := bytes.Repeat([]byte("0"), 1<<20)
	at := p.Len()
	p.header(3, uint64(len(base)))
	p.deflate(base)
	was := len(base)
	for range links {
		next := p.Len()
		d := delta(was, size)
		p.header(6, uint64(len(d)))
		offset := next - at
		bytes := []byte{byte(offset & 0x7f)}
		for offset >>= 7; offset > 0; offset >>= 7 {
			offset--
			bytes = append([]byte{0x80 | byte(offset&0x7f)}, bytes...)
		}
		p.Write(bytes)
		p.deflate(d)
		at, was = next, size
	}
	return p.end()
}

// zeros writes zeros until the other side has enough, 10 GB at most.
func zeros(w io.Writer) {
	chunk := make([]byte, 1<<20)
	for range 10_000 {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

func TestBombsOfServers(t *testing.T) {
	refs := func(n int) func(io.Writer) {
		return func(w io.Writer) {
			for i := range n {
				if _, err := fmt.Fprint(w, line(fmt.Sprintf("%040x refs/heads/main/%d\n", i+1, i))); err != nil {
					return
				}
			}
			fmt.Fprint(w, "0000")
		}
	}
	bomb.Run(t, map[string]func(*testing.T){
		"a million refs":           refusesRefs(refs(1_000_000)),
		"two hundred thousand one": refusesRefs(refs(200_001)),
		"a million refs of old": func(t *testing.T) {
			t.Helper()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet {
					http.Error(w, "", http.StatusBadRequest)
					return
				}
				w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
				fmt.Fprint(w, line("# service=git-upload-pack\n")+"0000"+line(someCommit+" HEAD\x00shallow\n"))
				refs(1_000_000)(w)
			}))
			defer srv.Close()
			_, err := open(t, git.Options{URL: srv.URL + "/x.git"}).Resolve(t.Context())
			wantError(t, err, sources.Refused)
		},
		"an endless name": func(t *testing.T) {
			t.Helper()
			_, err := v2(t, func(w io.Writer) { fmt.Fprint(w, "fff0"); zeros(w) }).Resolve(t.Context())
			wantError(t, err, sources.Transient)
		},
		"gzip": func(t *testing.T) {
			t.Helper()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				for i := range 5_000_000 {
					if _, err := fmt.Fprint(z, line(fmt.Sprintf("%s refs/heads/main%d peeled:%s\n", someCommit, i%1000, someCommit))); err != nil {
						return
					}
				}
				_ = z.Close()
			}))
			defer srv.Close()
			_, err := open(t, git.Options{URL: srv.URL + "/x.git", Ref: "main"}).Resolve(t.Context())
			wantError(t, err, sources.Refused)
		},
		"zeros for a pack": refusesPack(sources.Transient, zeros),
		"an object of ten gigabytes": refusesPack(sources.Refused, func(w io.Writer) {
			p := newPack(1)
			p.header(3, 10<<30)
			_, _ = w.Write(p.Bytes())
			z := zlib.NewWriter(w)
			zeros(z)
		}),
		"an object that is larger than it says": refusesPack(sources.Transient, func(w io.Writer) {
			p := newPack(1)
			p.header(3, 1000)
			_, _ = w.Write(p.Bytes())
			z := zlib.NewWriter(w)
			zeros(z)
		}),
		"deltas over the limit":  refusesPack(sources.Refused, func(w io.Writer) { _, _ = w.Write(deltaBomb(40, 32<<20)) }),
		"deltas below the limit": refusesPack(sources.NotFound, func(w io.Writer) { _, _ = w.Write(deltaBomb(14, 32<<20)) }),
		"a large delta":          refusesPack(sources.Refused, func(w io.Writer) { _, _ = w.Write(deltaBomb(1, 200<<20)) }),
		"four billion objects": refusesPack(sources.Refused, func(w io.Writer) {
			_, _ = w.Write(newPack(1<<32 - 1).Bytes())
			zeros(w)
		}),
		"half a million objects": refusesPack(sources.NotFound, func(w io.Writer) {
			p := newPack(500_000)
			for i := range 500_000 {
				content := fmt.Append(nil, i)
				p.header(3, uint64(len(content)))
				// A block that is stored, not compressed: making half a million compressors takes longer.
				p.Write([]byte{0x78, 1, 1, byte(len(content)), 0, ^byte(len(content)), 0xff})
				p.Write(content)
				_ = binary.Write(p, binary.BigEndian, adler(content))
			}
			_, _ = w.Write(p.end())
		}),
		"noise without end": refusesPack(sources.Refused, func(w io.Writer) {
			_, _ = w.Write(newPack(400_000).Bytes())
			noise := make([]byte, 1<<20)
			random := rand.New(rand.NewPCG(1, 2))
			for i := range noise {
				noise[i] = byte(random.Uint32())
			}
			var p packWriter
			p.header(3, uint64(len(noise)))
			p.deflate(noise)
			for range 10_000 {
				if _, err := w.Write(p.Bytes()); err != nil {
					return
				}
			}
		}),
		"a complaint without end": func(t *testing.T) {
			t.Helper()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusInternalServerError)
				zeros(w)
			}))
			defer srv.Close()
			_, err := open(t, git.Options{URL: srv.URL + "/x.git"}).Resolve(t.Context())
			wantError(t, err, sources.Transient, "500")
		},
		"progress without end": func(t *testing.T) {
			t.Helper()
			src := v2(t, func(w io.Writer) {
				fmt.Fprint(w, line("packfile\n"))
				report := line("\x02" + strings.Repeat("x", 60000))
				for range 20_000 {
					if _, err := io.WriteString(w, report); err != nil {
						return
					}
				}
			})
			err := src.Fetch(t.Context(), someCommit, sources.NewTree(sources.Selection{}, sources.Limits{}))
			wantError(t, err, sources.Refused)
		},
	})
}

func adler(b []byte) uint32 {
	lo, hi := uint32(1), uint32(0)
	for _, c := range b {
		lo = (lo + uint32(c)) % 65521
		hi = (hi + lo) % 65521
	}
	return hi<<16 | lo
}

package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/scriptd/scriptd/sources"
)

// Version 2 of git's protocol over HTTP, see gitprotocol-v2(5). Each command is a request of its own, and says all that
// the server has to know: so a poll is one request, and a fetch another.

const (
	uploadPackRequest = "application/x-git-upload-pack-request"
	uploadPackResult  = "application/x-git-upload-pack-result"
	userAgent         = "scriptd"
	// maxRefs bounds the refs that are taken from a server, and maxRefBytes what it may send of them.
	maxRefs     = 200_000
	maxRefBytes = 16 << 20
)

// errNotV2 says that a server did not answer as one does that speaks version 2.
var errNotV2 = errors.New("the server does not speak version 2 of git's protocol")

// command asks for something. The answer is to be closed.
func (c *httpClient) command(ctx context.Context, name string, limit int64, args []string) (io.ReadCloser, error) {
	var body pktWriter
	body.line("command=%s", name)
	body.line("agent=%s", userAgent)
	body.mark(pktDelim)
	for _, arg := range args {
		body.line("%s", arg)
	}
	body.mark(pktFlush)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/git-upload-pack", bytes.NewReader(body.Bytes()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", uploadPackRequest)
	req.Header.Set("Accept", uploadPackResult)
	res, err := c.do(req, limit)
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode == http.StatusOK && res.Header.Get("Content-Type") == uploadPackResult:
		return res.Body, nil
	}
	defer res.Body.Close()
	if err := statusError(res); err != nil {
		return nil, err
	}
	return nil, errNotV2
}

// lsRefs lists the refs that begin with one of the prefixes.
func (c *httpClient) lsRefs(ctx context.Context, prefixes []string) (refs, error) {
	args := []string{"peel"}
	for _, prefix := range prefixes {
		args = append(args, "ref-prefix "+prefix)
	}
	body, err := c.command(ctx, "ls-refs", maxRefBytes, args)
	if err != nil {
		return refs{}, err
	}
	defer body.Close()
	return readRefs(body)
}

// readRefs reads the answer to ls-refs.
func readRefs(r io.Reader) (refs, error) {
	list := newRefs()
	for pkt := newPktReader(r); ; {
		kind, line, err := pkt.next()
		switch {
		case errors.Is(err, io.EOF):
			return list, errNotV2 // a server of old says nothing
		case err != nil:
			return list, err
		case kind == pktFlush:
			return list, nil
		case kind != pktLine:
			return list, errNotGit
		case len(list.hashes) >= maxRefs:
			return list, sources.Fail(sources.Refused, fmt.Errorf("there are more than %d", maxRefs), "list refs")
		}
		if err := list.add(strings.TrimSuffix(string(line), "\n")); err != nil {
			return list, err
		}
	}
}

// add takes in a line of ls-refs: a hash, a name, and what else there is to say.
func (r *refs) add(line string) error {
	hash, rest, ok := strings.Cut(line, " ")
	if hash == "unborn" {
		return nil
	}
	if !ok || !isHash(hash) {
		return errNotGit
	}
	words := strings.Split(rest, " ")
	name := words[0]
	if name == "HEAD" {
		r.head = plumbing.NewHash(hash)
		return nil
	}
	r.hashes[name] = plumbing.NewHash(hash)
	for _, attribute := range words[1:] {
		if peeled, ok := strings.CutPrefix(attribute, "peeled:"); ok {
			if !isHash(peeled) {
				return errNotGit
			}
			r.peeled[name] = plumbing.NewHash(peeled)
		}
	}
	return nil
}

// fetch gets the objects of a commit without history: those that have does not have, where it is not nil. The server is
// told that have has no history either; it would leave out what only that leads to.
func (c *httpClient) fetch(ctx context.Context, commit plumbing.Hash, have *state) (*objects, error) {
	args := []string{"thin-pack", "no-progress", "ofs-delta", "want " + commit.String()}
	var below *objects
	if have != nil {
		args = append(args, "shallow "+have.commit.String(), "have "+have.commit.String())
		below = have.objects
	}
	args = append(args, "deepen 1", "done")
	body, err := c.command(ctx, "fetch", maxAnswer, args)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	pkt := newPktReader(body)
	if err := skipToPack(pkt); err != nil {
		return nil, err
	}
	return unpack(ctx, &bandReader{pkt: pkt}, below)
}

// skipToPack reads over the sections before the pack.
func skipToPack(pkt *pktReader) error {
	for {
		kind, line, err := pkt.next()
		switch {
		case err != nil:
			return unexpected(err)
		case kind == pktFlush, kind == pktEnd:
			return errNotGit
		case kind == pktLine && strings.TrimSuffix(string(line), "\n") == "packfile":
			return nil
		}
	}
}

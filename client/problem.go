package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// Problem is an answer of the server that is not a plugin's (RFC 9457). It matches the error of the engine that the status stands for:
// ErrNotFound, ErrNoSource, ErrInvalid, ErrBusy or ErrTimeout; and plugin.IsRetryable where the server says when to try again.
type Problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	// Instance is the path of the request.
	Instance string `json:"instance"`
	// Fields are the parameters that do not hold.
	Fields []Field `json:"errors"`
	// Problems are what is wrong with the source code of a package.
	Problems runtime.Problems `json:"problems"`

	retry bool
}

// Field is a parameter that does not hold: its JSON pointer, and what was expected.
type Field struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

func (p *Problem) Error() string {
	if p.Detail == "" {
		return fmt.Sprintf("%d %s", p.Status, p.Title)
	}
	return p.Detail
}

// Unwrap returns what the status stands for.
func (p *Problem) Unwrap() error {
	var err error
	switch p.Status {
	case http.StatusNotFound:
		switch {
		case strings.Contains(p.Instance, "/v1/plugins/"):
			err = ErrNotFound
		case strings.Contains(p.Instance, "/v1/sources/"):
			err = ErrNoSource
		}
	case http.StatusUnprocessableEntity:
		err = ErrInvalid
	case http.StatusTooManyRequests:
		err = ErrBusy
	case http.StatusGatewayTimeout:
		err = ErrTimeout
	}
	if p.retry {
		if err == nil {
			err = errLater
		}
		return plugin.Retryable(err)
	}
	return err
}

// problemOf reads the answer to a request that has no other.
func problemOf(resp *http.Response) error {
	p := &Problem{}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") || json.Unmarshal(body, p) != nil {
		*p = Problem{Instance: resp.Request.URL.Path, Detail: fmt.Sprintf("the answer to %s is %s, and not one of scriptd", resp.Request.URL.Path, resp.Status)}
	}
	p.Status, p.Title = resp.StatusCode, http.StatusText(resp.StatusCode)
	p.retry = resp.Header.Get("Retry-After") != ""
	return p
}

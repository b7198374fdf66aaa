package s3

import (
	"errors"
	"fmt"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/scriptd/scriptd/sources"
)

// name is the source in error messages.
func (s *Source) name() string {
	if s.opts.Prefix == "" {
		return "s3 bucket " + s.opts.Bucket
	}
	return fmt.Sprintf("s3 bucket %s, prefix %s", s.opts.Bucket, s.opts.Prefix)
}

func (s *Source) fail(err error) error { return sources.Fail(sources.Transient, err, "%s", s.name()) }

// denied are the codes with which servers refuse credentials.
var denied = map[string]bool{
	"AccessDenied": true, "InvalidAccessKeyId": true, "SignatureDoesNotMatch": true, "ExpiredToken": true,
	"InvalidToken": true, "XAdminNoSuchUser": true, "AccountProblem": true, "AllAccessDisabled": true,
}

// classify says what an error of the SDK means. Its text is put shorter: the SDK's repeats request ids and attempts.
func (s *Source) classify(err error, op string) error {
	if _, known := errors.AsType[*sources.Error](err); known {
		return err
	}
	kind, short := sources.Transient, err
	api, isAPI := errors.AsType[smithy.APIError](err)
	response, isResponse := errors.AsType[*awshttp.ResponseError](err)
	switch {
	case isAPI && denied[api.ErrorCode()]:
		kind, short = sources.Denied, fmt.Errorf("the server refuses the credentials (%s)", api.ErrorCode())
	case isAPI && api.ErrorCode() == "NoSuchBucket":
		kind, short = sources.NotFound, errors.New("there is no such bucket")
	case isAPI && (api.ErrorCode() == "PreconditionFailed" || api.ErrorCode() == "NoSuchKey"):
		short = errors.New("it changed while it was read")
	case isResponse && (response.HTTPStatusCode() == http.StatusForbidden || response.HTTPStatusCode() == http.StatusUnauthorized):
		kind, short = sources.Denied, fmt.Errorf("the server refuses the credentials (%d)", response.HTTPStatusCode())
	case isResponse && response.HTTPStatusCode() == http.StatusMovedPermanently:
		kind, short = sources.Misconfigured, errors.New("the bucket is in another region")
	case isAPI:
		short = fmt.Errorf("%s: %s", api.ErrorCode(), api.ErrorMessage())
	default:
		if inner := innermost(err); inner != nil {
			short = inner
		}
	}
	if !errors.Is(short, err) {
		short = &shortened{text: short.Error(), err: err}
	}
	return sources.Fail(kind, short, "%s: %s", s.name(), op)
}

// shortened is an error under another text.
type shortened struct {
	text string
	err  error
}

func (e *shortened) Error() string { return e.text }
func (e *shortened) Unwrap() error { return e.err }

// innermost takes an error of the transport out of what the SDK wraps around it.
func innermost(err error) error {
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return nil
	}
	for inner := operation.Unwrap(); inner != nil; inner = errors.Unwrap(inner) {
		if _, ok := inner.(interface{ Timeout() bool }); ok { //nolint:errorlint // looks at each step of the chain
			return inner
		}
	}
	return nil
}

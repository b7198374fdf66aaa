package bucket

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/scriptd/scriptd/sources"
)

// String is the bucket in error messages.
func (b *Bucket) String() string {
	if b.Prefix == "" {
		return "s3 bucket " + b.Name
	}
	return fmt.Sprintf("s3 bucket %s, prefix %s", b.Name, b.Prefix)
}

// Fail says what an error of a request means, after the name of the bucket and what was tried. It is nil for no error.
func (b *Bucket) Fail(err error, op string, args ...any) error {
	kind, short := classify(err)
	if kind == sources.Denied {
		b.forget()
	}
	return sources.Fail(kind, short, "%s: %s", b, fmt.Sprintf(op, args...))
}

// IsNoKey reports whether the server says that there is no such object, in a bucket that there is.
func IsNoKey(err error) bool { return hasCode(err, "NoSuchKey") }

// IsConflict reports whether a condition of a request did not hold: the object is there, or is another one.
func IsConflict(err error) bool {
	return hasCode(err, "PreconditionFailed", "ConditionalRequestConflict")
}

// IsUnknown reports whether the server does not know what was asked of it.
func IsUnknown(err error) bool {
	return hasCode(err, "NotImplemented", "InvalidArgument", "InvalidRequest")
}

func hasCode(err error, codes ...string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(codes, api.ErrorCode())
}

// classify returns the kind of an error, and the error in few words: the SDK's name the operation, the request and the
// attempts, and hold the request's URL.
func classify(err error) (sources.Kind, error) {
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			return sources.Transient, end
		}
	}
	if known, ok := errors.AsType[*sources.Error](err); ok {
		return known.Kind, err
	}
	res, answered := errors.AsType[*awshttp.ResponseError](err)
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		kind, short := classifyCode(api, answered && isRefusal(res.HTTPStatusCode()))
		if kind == sources.Transient && answered {
			short = &answer{sources.NewStatusError(res.HTTPStatusCode(), res.Response.Header, time.Now()), short.Error()}
		}
		return kind, short
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return sources.Transient, u.Err
	}
	if answered {
		return classifyStatus(res, err)
	}
	if op, ok := errors.AsType[*smithy.OperationError](err); ok {
		return sources.Transient, op.Err
	}
	return sources.Transient, err
}

var (
	errChanged = errors.New("it changed while it was read")
	errRegion  = errors.New("the bucket is in another region")
)

// classifyCode knows the codes of AWS and of the servers that follow it. Codes that it does not know are refusals where
// the status says so.
func classifyCode(api smithy.APIError, refused bool) (sources.Kind, error) {
	switch code := api.ErrorCode(); code {
	case "NoSuchBucket":
		return sources.NotFound, errors.New("there is no such bucket")
	case "PreconditionFailed", "NoSuchKey", "ConditionalRequestConflict":
		return sources.Transient, errChanged
	case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
		return sources.Misconfigured, errRegion
	case "InvalidBucketName":
		return sources.Misconfigured, errors.New("the server does not take this for the name of a bucket")
	case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken",
		"TokenRefreshRequired", "AccountProblem", "AllAccessDisabled", "XAdminNoSuchUser":
		refused = true
		fallthrough
	default:
		if refused {
			return sources.Denied, fmt.Errorf("the server refuses the credentials (%s)", code)
		}
		return sources.Transient, fmt.Errorf("%s: %.300s", code, api.ErrorMessage())
	}
}

// classifyStatus is for answers that are not S3's errors.
func classifyStatus(res *awshttp.ResponseError, err error) (sources.Kind, error) {
	switch status := res.HTTPStatusCode(); {
	case status == http.StatusOK, status == http.StatusPartialContent:
		return sources.Transient, fmt.Errorf("the answer is cut short, or not one of S3: %w", root(err))
	case isRefusal(status):
		return sources.Denied, fmt.Errorf("the server refuses the credentials (%d)", status)
	case status == http.StatusPreconditionFailed, status == http.StatusNotFound:
		return sources.Transient, errChanged
	case status == http.StatusMovedPermanently, status == http.StatusTemporaryRedirect:
		return sources.Misconfigured, errRegion
	}
	return sources.Transient, sources.NewStatusError(res.HTTPStatusCode(), res.Response.Header, time.Now())
}

func isRefusal(status int) bool {
	return status == http.StatusForbidden || status == http.StatusUnauthorized
}

// answer is an answer whose body says more than its status.
type answer struct {
	status *sources.StatusError
	text   string
}

func (a *answer) Error() string { return a.text }
func (a *answer) Unwrap() error { return a.status }

// root is what is innermost in an error.
func root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// Package s3server runs a real S3 server, versitygw, for tests and for the demo.
//
//	binary, err := s3server.Binary(ctx)
//	srv, err := s3server.Start(ctx, binary, dir)
//	...
//	defer srv.Close()
//	err = srv.CreateBucket(ctx, "plugins")
//	err = srv.Put(ctx, "plugins", "hello/hello.go", source)
package s3server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Server is a running S3 server on a loopback address.
type Server struct {
	binary string
	dir    string
	port   int
	cmd    *exec.Cmd
	stderr *bytes.Buffer
	exited chan struct{}
	client *s3.Client
	close  sync.Once
}

// The credentials of the server's only account.
const (
	accessKey = "scriptd-test"
	secretKey = "scriptd-test-secret"
)

// Start runs the binary with its data below dir, which exists and is absolute, and returns when it answers. The server
// ends with Close; on Linux it ends with this process, too.
func Start(ctx context.Context, binary, dir string) (*Server, error) {
	for _, sub := range []string{"iam", "versions", "data"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, fmt.Errorf("start S3 server: %w", err)
		}
	}
	// The port is free now; should another process take it before the server does, the next one is tried.
	var err error
	for range 5 {
		var port int
		if port, err = freePort(ctx); err != nil {
			break
		}
		var s *Server
		if s, err = start(ctx, binary, dir, port); err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("start S3 server: %w", err)
}

// Restart starts the server, which was closed, again: another process with the same data and the same endpoint.
func (s *Server) Restart(ctx context.Context) (*Server, error) {
	again, err := start(ctx, s.binary, s.dir, s.port)
	if err != nil {
		return nil, fmt.Errorf("restart S3 server: %w", err)
	}
	return again, nil
}

func start(ctx context.Context, binary, dir string, port int) (*Server, error) {
	s := &Server{binary: binary, dir: dir, port: port, stderr: &bytes.Buffer{}, exited: make(chan struct{})}
	//nolint:gosec // the caller names the binary
	s.cmd = exec.CommandContext(context.WithoutCancel(ctx), binary, "--port", "127.0.0.1:"+strconv.Itoa(port), "--health", "/health",
		"--quiet", "--iam-dir", filepath.Join(dir, "iam"), "posix", "--versioning-dir", filepath.Join(dir, "versions"), filepath.Join(dir, "data"))
	s.cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY_ID="+accessKey, "ROOT_SECRET_ACCESS_KEY="+secretKey)
	s.cmd.Stdout, s.cmd.Stderr = s.stderr, s.stderr
	endWithParent(s.cmd)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.cmd.Wait() // it ends when it is killed
		close(s.exited)
	}()
	if err := s.ready(ctx); err != nil {
		s.Close()
		return nil, err
	}
	s.client = s3.New(s3.Options{
		BaseEndpoint: aws.String(s.Endpoint()),
		Region:       "us-east-1",
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
	})
	return s, nil
}

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// ready waits until the server answers.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint()+"/health", http.NoBody)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-s.exited:
			return fmt.Errorf("it ended: %s", bytes.TrimSpace(s.stderr.Bytes()))
		case <-ctx.Done():
			return errors.Join(errors.New("it does not answer"), ctx.Err())
		}
	}
}

// Close ends the server and waits for it.
func (s *Server) Close() {
	s.close.Do(func() { _ = s.cmd.Process.Kill() }) // an error means that it has ended
	<-s.exited
}

// Endpoint is the URL of the server. Buckets are in the path.
func (s *Server) Endpoint() string { return "http://127.0.0.1:" + strconv.Itoa(s.port) }

// AccessKey and SecretKey are the credentials that the server accepts.
func (s *Server) AccessKey() string { return accessKey }

// SecretKey goes with AccessKey.
func (s *Server) SecretKey() string { return secretKey }

// CreateBucket makes a bucket.
func (s *Server) CreateBucket(ctx context.Context, bucket string) error {
	_, err := s.client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)})
	return err
}

// Put writes an object.
func (s *Server) Put(ctx context.Context, bucket, key string, data []byte) error {
	_, err := s.client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(key), Body: bytes.NewReader(data)})
	return err
}

// Delete removes an object. One that is not there is no error.
func (s *Server) Delete(ctx context.Context, bucket, key string) error {
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	return err
}

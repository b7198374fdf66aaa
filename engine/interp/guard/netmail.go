package guard

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/smtp"
	"reflect"
	"strings"
)

// mailFuncs are the functions of package net/smtp that connect.
func mailFuncs(g *Guard) map[string]any {
	return map[string]any{"net/smtp.Dial": g.dialMail, "net/smtp.SendMail": g.sendMail}
}

func (g *Guard) dialMail(address string) (*smtp.Client, error) {
	conn, err := g.dial(context.Background(), &net.Dialer{}, "tcp", address)
	if err != nil {
		return nil, err
	}
	host, _, _ := net.SplitHostPort(address)
	return smtp.NewClient(conn, host)
}

// sendMail is smtp.SendMail.
func (g *Guard) sendMail(address string, auth smtp.Auth, from string, to []string, msg []byte) error {
	for _, line := range append([]string{from}, to...) {
		if strings.ContainsAny(line, "\n\r") {
			return errors.New("smtp: A line must not contain CR or LF")
		}
	}
	c, err := g.dialMail(address)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Hello("localhost"); err != nil {
		return err
	}
	if ok, _ := c.Extension("STARTTLS"); ok {
		host, _, _ := net.SplitHostPort(address)
		if err := c.StartTLS(&tls.Config{ServerName: host}); err != nil {
			return err
		}
	}
	if auth != nil && hasExtensions(c) {
		if ok, _ := c.Extension("AUTH"); !ok {
			return errors.New("smtp: server doesn't support AUTH")
		}
		if err := c.Auth(auth); err != nil {
			return err
		}
	}
	if err := c.Mail(from); err != nil {
		return err
	}
	for _, rcpt := range to {
		if err := c.Rcpt(rcpt); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(msg); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

// hasExtensions reports whether a server has told about its extensions, if only that it has none.
func hasExtensions(c *smtp.Client) bool { return !reflect.ValueOf(c).Elem().FieldByName("ext").IsNil() }

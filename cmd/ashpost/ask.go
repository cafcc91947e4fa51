package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"

	"golang.org/x/sys/unix"
)

// askAdmin is one exchange with the service on a data folder.
func askAdmin(ctx context.Context, data, method, path string, question, into any, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	socket := adminSocket(data)
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://admin"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errOtherVersion
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// errOtherVersion says that the service does not know what it was told.
var errOtherVersion = errors.New("the service is of another version")

// absent says whether err means that no service runs on the data folder. EINVAL is
// for a path that is too long for a socket: one that runs there has a shorter.
func absent(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.EINVAL)
}

// unanswered says why the service on a data folder gave no answer.
func unanswered(err error) error {
	switch {
	case absent(err):
		return &failure{exitUnreachable, "no service is running on this data folder",
			"Name the folder with --data, or start one: ashpost serve --data DIR.", err}
	case errors.Is(err, unix.EACCES):
		return &failure{exitRefused, "the data folder belongs to another user", "Run this as the user that runs the service.", err}
	case errors.Is(err, errOtherVersion):
		return &failure{exitOther, "the service that runs on this data folder is of another version than this command; nothing was changed",
			"Start the service again, so that it is what is installed now.", err}
	}
	return &failure{exitUnreachable, "the service on this data folder does not answer",
		"It may be stopped, or the machine be very busy: try again, or stop it and start it again.", err}
}

package main

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// upload has the message sealed into the connection: it is never whole in memory.
func upload(ctx context.Context, t *tui, client *api.Client, r api.Reservation, terms api.Terms, size int64, seal func(io.Writer) error) (api.Receipt, error) {
	read, write := io.Pipe()
	sealed := make(chan struct{})
	go func() {
		defer close(sealed)
		write.CloseWithError(seal(write))
	}()
	receipt, err := client.UploadStream(ctx, r, read, size, terms, t.transfer("Sending", size))
	read.CloseWithError(io.ErrClosedPipe)
	<-sealed
	return receipt, err
}

// sendFailure finds the words for what can go wrong on the way up.
func sendFailure(err error) error {
	switch {
	case errors.Is(err, api.ErrGone):
		return &failure{exitOther, "the service dropped this upload", "It was idle for too long, or the service was restarted. Run the command again.", err}
	case errors.Is(err, seal.ErrChanged), errors.Is(err, api.ErrSize):
		return refused("an attachment changed while it was read", "Wait until nothing writes to it, then run the command again.")
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return fileFailure("an attachment cannot be read", err)
	}
	return err
}

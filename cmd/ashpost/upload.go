package main

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"ashpost/cmd/ashpost/internal/seal"
	"ashpost/webui/api"
)

// upload seals into the connection: the message is never whole in memory.
func upload(ctx context.Context, t *tui, client *api.Client, r api.Reservation, terms api.Terms, keys seal.Keys, extra string, m seal.Message) (api.Receipt, error) {
	size := seal.SealedSize(m)
	read, write := io.Pipe()
	sealed := make(chan struct{})
	go func() {
		defer close(sealed)
		write.CloseWithError(seal.Seal(write, keys, extra, m))
	}()
	receipt, err := client.UploadStream(ctx, r, read, size, terms, t.transfer("Sending", size))
	read.CloseWithError(io.ErrClosedPipe)
	<-sealed
	return receipt, sendFailure(err)
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

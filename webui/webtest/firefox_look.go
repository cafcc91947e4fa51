package webtest

import (
	"context"
	"errors"
	"strings"
)

var errPageLeft = errors.New("the page was left")

func (d *firefox) look(ctx context.Context, function string, args []any) (sight, error) {
	if d.level == Safest {
		return d.lookWithoutScript(ctx, function, args[0].(string))
	}
	// A page that is left keeps its promises asleep in the history's cache, and
	// the command is never answered: a new page calls the look off.
	ctx, cancel := context.WithCancelCause(ctx)
	finished := make(chan struct{})
	go func() {
		select {
		case <-d.loads:
			cancel(errPageLeft)
		case <-finished:
		}
	}()
	seen, err := lookByScript(ctx, d, function, args)
	close(finished)
	if context.Cause(ctx) == errPageLeft && err != nil {
		err = errPageLeft
	}
	cancel(nil)
	return seen, err
}

func (d *firefox) transient(err error) bool {
	var refused *bidiError
	return err == errPageLeft || errors.As(err, &refused) && !strings.HasPrefix(refused.code, "invalid ")
}

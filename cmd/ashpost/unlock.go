package main

import (
	"context"
	"strings"
	"time"

	"ashpost/vault"
)

// unlockCmd is the operator's word on a lock that no maintenance ends alone.
type unlockCmd struct{ dataFlag }

func (c *unlockCmd) Run(ctx context.Context, t *tui) error {
	r, err := askStatus(ctx, c.Data)
	if err != nil {
		return unanswered(err)
	}
	if r.State == "open" {
		return t.result("The service is open: there is nothing to unlock.")
	}
	meaning, ok := unlockMeaning(r)
	if !ok {
		return &failure{exitLocked, "the service is locked: " + causeWords(r.Cause), "This lock ends by itself when a maintenance succeeds. Unlocking it would hide that destruction is not proven.", nil}
	}
	t.say("locked: %s", causeWords(r.Cause))
	t.say("%s", meaning)
	if err := t.confirm(ctx, "unlock"); err != nil {
		return err
	}
	done, err := order{Unlock: r.Cause}.give(ctx, c.Data)
	if err != nil {
		return unanswered(err)
	}
	switch done.Result {
	case resultDone:
		return t.result("Unlocked: destruction is proven, messages are served.")
	case resultChanged:
		return &failure{code: exitLocked, what: "the service is locked for another cause by now", hint: "Look again: ashpost status."}
	}
	return &failure{code: exitLocked, what: "still locked: " + done.Problem, hint: "Nothing else was changed. ashpost status says how it stands."}
}

// unlockMeaning explains what unlocking does. ok is false for causes that a
// maintenance ends.
func unlockMeaning(r report) (words string, ok bool) {
	switch r.Cause {
	case vault.CauseClock:
		return "Unlocking takes this machine's clock to be right: " + time.Now().UTC().Format("2 January 2006, 15:04") +
			" UTC. Every message that is due by it is destroyed at once. If the clock is wrong, set it first.", true
	case vault.CauseFsync:
		if r.Volatile {
			return "Unlocking goes on with what is in memory. If the disk fails again, the service locks again.", true
		}
		return "Unlocking reads every message's slot again from the disk. What the disk has lost is gone; what was destroyed stays destroyed. " +
			"If the disk fails again, the service locks again.", true
	case vault.CauseCorruption:
		return "Unlocking destroys what is damaged and makes it anew. If the slot file or the store is what is damaged, every message is lost. " +
			"The onion address stays.", true
	}
	return "", false
}

// confirm asks for a word to be typed, on the terminal or the standard input.
func (t *tui) confirm(ctx context.Context, word string) error {
	t.say("type %q to go on:", word)
	line, err := t.inputLine(ctx)
	if err != nil {
		return err
	}
	if strings.TrimSpace(line) != word {
		return refused("not confirmed; nothing was changed", "")
	}
	return nil
}

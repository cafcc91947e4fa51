package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
)

// Service asks for the state of the service, which it gives even while locked.
func (c *Client) Service(ctx context.Context) (s Service, err error) {
	err = c.json(ctx, call{method: "GET", path: PathService, want: http.StatusOK}, &s)
	if err == nil && s.State != Open && s.State != Locked {
		err = breach("its state is unknown")
	}
	if err == nil && s.Contact != nil {
		if !printable(s.Contact.Name) {
			err = breach("its contact has no name that can be shown")
		}
	}
	if err == nil && s.Channel != "" {
		_, err = c.learn(s)
	}
	return s, err
}

// Reserve asks for a reference. The message's keys are derived with it.
func (c *Client) Reserve(ctx context.Context) (Reservation, error) { return c.reserve(ctx, nil) }

// ReserveLetter asks for a reference for a message of so many bytes to an inbox: a
// full service still has room for replies, and what the inbox never takes is refused
// before it is sent.
func (c *Client) ReserveLetter(ctx context.Context, id InboxID, size int64) (Reservation, error) {
	return c.reserve(ctx, map[string]string{HeaderInbox: id.Encode(), HeaderSize: strconv.FormatInt(size, 10)})
}

func (c *Client) reserve(ctx context.Context, header map[string]string) (r Reservation, err error) {
	err = c.json(ctx, call{method: "POST", path: PathReservations, header: header, want: http.StatusCreated}, &r)
	if err == nil && (r.Reference == Reference{} || r.UploadKey == Key{}) {
		err = breach("it names no reference")
	}
	return r, err
}

// Put sends a whole age file of at most PartSize bytes.
func (c *Client) Put(ctx context.Context, r Reservation, file []byte, t Terms) (got Receipt, err error) {
	err = c.json(ctx, call{
		method: "PUT", path: MessagePath(PathMessage, r.Reference), key: &r.UploadKey,
		kind: TypeBinary, body: file, want: http.StatusCreated, header: t.header(),
	}, &got)
	return got, err
}

// header spells the terms of a whole file.
func (t Terms) header() map[string]string {
	h := t.invited()
	h[HeaderExpiresIn] = strconv.FormatInt(t.ExpiresIn, 10)
	if t.Inbox != (InboxID{}) {
		h[HeaderInbox] = t.Inbox.Encode()
		return h
	}
	h[HeaderReading] = string(t.Reading)
	h[HeaderClaim] = t.Claim.Encode()
	h[HeaderManage] = t.Manage.Encode()
	return h
}

// invited is what travels as a header in any case.
func (t Terms) invited() map[string]string {
	if t.Invite == (Invite{}) {
		return map[string]string{}
	}
	return map[string]string{HeaderInvite: t.Invite.Encode()}
}

// PutPart sends part n, exactly PartSize bytes unless it is the last.
func (c *Client) PutPart(ctx context.Context, r Reservation, n int, part []byte) error {
	return c.nothing(ctx, call{
		method: "PUT", path: PartPath(r.Reference, n), key: &r.UploadKey,
		kind: TypeBinary, body: part, want: http.StatusNoContent,
	})
}

// Commit makes a message of the parts that were sent.
func (c *Client) Commit(ctx context.Context, r Reservation, parts int, size int64, t Terms) (got Receipt, err error) {
	body, err := json.Marshal(Commit{Parts: parts, Size: size, Terms: t})
	if err != nil {
		return got, err
	}
	err = c.json(ctx, call{
		method: "POST", path: MessagePath(PathCommit, r.Reference), key: &r.UploadKey,
		kind: TypeJSON, body: body, want: http.StatusCreated, header: t.invited(),
	}, &got)
	return got, err
}

// Claim takes the message for the reader whose verifier this is. Asking again
// with the same verifier gives the same answer.
func (c *Client) Claim(ctx context.Context, ref Reference, claim Key, reader Verifier) (got Claimed, err error) {
	q := call{
		method: "POST", path: MessagePath(PathClaim, ref), key: &claim, want: http.StatusOK,
		header: map[string]string{HeaderReader: reader.Encode()},
	}
	err = c.do(ctx, q, func(ctx context.Context, resp *http.Response) (err error) {
		got, err = claimed(ctx, resp)
		return err
	})
	return got, err
}

// Acknowledge says that everything arrived and was verified; the message is
// destroyed before the answer. [ErrNotProven] means the answer came without proof.
func (c *Client) Acknowledge(ctx context.Context, ref Reference, reader Key) error {
	return c.nothing(ctx, call{
		method: "POST", path: MessagePath(PathAcknowledge, ref), key: &reader, want: http.StatusNoContent,
	})
}

// State asks what became of a message.
func (c *Client) State(ctx context.Context, ref Reference, manage Key) (s State, err error) {
	err = c.json(ctx, call{
		method: "GET", path: MessagePath(PathState, ref), key: &manage, want: http.StatusOK,
	}, &s)
	if err == nil && (s.State != Waiting && s.State != Taken || !s.Reading.Valid()) {
		err = breach("the message's state is unknown")
	}
	return s, err
}

// Revoke destroys a message and says whether somebody had claimed it.
// When an answer was lost, the repeated request is told [ErrGone].
func (c *Client) Revoke(ctx context.Context, ref Reference, manage Key) (bool, error) {
	var got Revoked
	err := c.json(ctx, call{
		method: "POST", path: MessagePath(PathRevoke, ref), key: &manage, want: http.StatusOK,
	}, &got)
	return got.Claimed, err
}

// json sends a call whose answer is JSON.
func (c *Client) json(ctx context.Context, q call, into any) error {
	return c.do(ctx, q, func(ctx context.Context, resp *http.Response) error {
		return readJSON(ctx, resp, into)
	})
}

// nothing sends a call whose answer has no body.
func (c *Client) nothing(ctx context.Context, q call) error {
	return c.do(ctx, q, func(context.Context, *http.Response) error { return nil })
}

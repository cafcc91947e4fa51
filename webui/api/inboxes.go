package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"ashpost/webui/api/channel"
)

// ErrSwapped says that the service gave other keys than the inbox's address names.
var ErrSwapped = errors.New("the service gave other keys than the inbox's address names")

// WithOwner makes a client of the same service that proves to have the key of a
// recipient. answer decrypts a challenge. It goes through a channel of its own,
// over the same connections: whoever writes to others and does not want to be
// known as the owner makes another client, which dials through another circuit.
func (c *Client) WithOwner(recipient string, answer func(challenge []byte) ([]byte, error)) *Client {
	o := &Client{base: c.base, pace: c.pace, transport: c.transport}
	o.http = &http.Client{CheckRedirect: c.http.CheckRedirect, Transport: &channel.Session{
		Transport: o.channel(), Recipient: recipient, Answer: answer,
	}}
	return o
}

// Inbox gives the recipients file of an inbox, and of what kind it is. For the file
// the service is not believed: it hashes to the ID, or the error is [ErrSwapped].
// The kind is the service's word.
func (c *Client) Inbox(ctx context.Context, id InboxID) (file []byte, kind Kind, err error) {
	q := call{method: "GET", path: InboxPath(PathInbox, id), want: http.StatusOK, room: MaxRecipientsFile}
	if err = c.do(ctx, q, func(ctx context.Context, resp *http.Response) (err error) {
		kind = Kind(resp.Header.Get(HeaderKind))
		file, err = whole(ctx, resp, TypeText, MaxRecipientsFile)
		return err
	}); err != nil {
		return nil, "", err
	}
	if InboxOf(file) != id {
		return nil, "", ErrSwapped
	}
	if _, err := ParseRecipients(file); err != nil {
		return nil, "", breach("the inbox has keys that nobody can write to")
	}
	if !kind.Valid() {
		return nil, "", breach("the inbox is of no known kind")
	}
	return file, kind, nil
}

// Alias asks which inbox the operator gave a name to. Nothing proves the answer.
func (c *Client) Alias(ctx context.Context, name string) (InboxID, error) {
	if err := CheckAlias(name); err != nil {
		return InboxID{}, err
	}
	var got Named
	err := c.json(ctx, call{method: "GET", path: NamePath(PathAlias, name), want: http.StatusOK}, &got)
	if err == nil && got.Inbox == (InboxID{}) {
		err = breach("it names no inbox")
	}
	return got.Inbox, err
}

// OpenInbox opens the inbox with this recipients file, or renews it.
func (c *Client) OpenInbox(ctx context.Context, file []byte, o Opening) (got Receipt, err error) {
	h := Terms{Invite: o.Invite}.invited()
	h[HeaderKind] = string(o.Kind)
	if o.Kind == KindRequest {
		h[HeaderExpiresIn] = strconv.FormatInt(o.ExpiresIn, 10)
	}
	err = c.json(ctx, call{
		method: "PUT", path: InboxPath(PathInbox, InboxOf(file)), header: h,
		kind: TypeText, body: file, want: http.StatusCreated,
	}, &got)
	return got, err
}

// DestroyInbox destroys an inbox and everything in it. One that is gone is [ErrGone],
// unless an answer was lost before that said so.
func (c *Client) DestroyInbox(ctx context.Context, id InboxID) error {
	return c.nothing(ctx, call{
		method: "POST", path: InboxPath(PathDestroyInbox, id), want: http.StatusNoContent, ends: true,
	})
}

// List gives the messages of an inbox that came before a serial number, the
// newest first; 0 begins with the newest of all.
func (c *Client) List(ctx context.Context, id InboxID, before uint64) (got List, err error) {
	err = c.json(ctx, call{method: "GET", path: ListPath(id, before), want: http.StatusOK}, &got)
	if err == nil && !got.possible(before) {
		err = breach("its list cannot be")
	}
	return got, err
}

// possible says whether a list can be what was asked for. One that went in
// circles would keep the client reading for ever.
func (l List) possible(before uint64) bool {
	n := len(l.Messages)
	if !l.Kind.Valid() || n > MaxListed || l.Count < n || l.More && n == 0 {
		return false
	}
	listed := make(map[Reference]bool, n)
	for i, m := range l.Messages {
		if i > 0 {
			before = l.Messages[i-1].Serial
		}
		if listed[m.Message] {
			return false
		}
		listed[m.Message] = true
		if (before != 0 || i > 0) && m.Serial >= before || m.Serial == 0 ||
			m.Message == (Reference{}) || m.Size < 1 || m.Size > MaxSize || m.ExpiresIn < 0 {
			return false
		}
	}
	return true
}

// ReadMessage writes the file of a listed message to dst, going on where a
// connection broke. Reading changes nothing. An error of dst is returned as it is.
func (c *Client) ReadMessage(ctx context.Context, id InboxID, m Listed, dst io.Writer, told Progress) error {
	q := call{method: "GET", path: LetterPath(PathLetter, id, m.Message)}
	return c.fetch(ctx, q, m.Size, dst, told)
}

// DestroyMessage destroys a message in an inbox, for all its owners. One that is
// not there is no error.
func (c *Client) DestroyMessage(ctx context.Context, id InboxID, ref Reference) error {
	return c.nothing(ctx, call{
		method: "POST", path: LetterPath(PathDestroyLetter, id, ref), want: http.StatusNoContent,
	})
}

// DestroyMessages destroys any number, and says how many were there. After an
// error some may be gone.
func (c *Client) DestroyMessages(ctx context.Context, id InboxID, refs []Reference) (n int, err error) {
	for some := range slices.Chunk(refs, MaxListed) {
		body, err := json.Marshal(Selection{Messages: some})
		if err != nil {
			return n, err
		}
		var got Destroyed
		if err := c.json(ctx, call{
			method: "POST", path: InboxPath(PathDestroyLetters, id), want: http.StatusOK,
			kind: TypeJSON, body: body,
		}, &got); err != nil {
			return n, err
		}
		if got.Destroyed < 0 || got.Destroyed > len(some) {
			return n, breach("it destroyed what nobody asked for")
		}
		n += got.Destroyed
	}
	return n, nil
}

// Notebook gives the owner's notebook in an inbox; [ErrGone] when there is none.
func (c *Client) Notebook(ctx context.Context, id InboxID) ([]byte, error) {
	q := call{method: "GET", path: InboxPath(PathNotebook, id), want: http.StatusOK}
	return c.octets(ctx, q, TypeBinary, MaxNotebook)
}

// PutNotebook replaces the edition old of it. [ErrReplaced] means that another one
// is there, or none: it has to be read first. A mailbox for replies is opened by this.
func (c *Client) PutNotebook(ctx context.Context, id InboxID, old Edition, file []byte) error {
	return c.nothing(ctx, call{
		method: "PUT", path: InboxPath(PathNotebook, id), want: http.StatusNoContent,
		kind: TypeBinary, body: file, header: map[string]string{HeaderReplaces: old.Encode()},
	})
}

// octets sends a call whose answer is at most so many bytes of a kind. A large
// one may take as long as the floor of the pace lets it.
func (c *Client) octets(ctx context.Context, q call, kind string, most int64) (got []byte, err error) {
	q.room = most
	err = c.do(ctx, q, func(ctx context.Context, resp *http.Response) (err error) {
		got, err = whole(ctx, resp, kind, most)
		return err
	})
	return got, err
}

// whole reads the body of such an answer.
func whole(ctx context.Context, resp *http.Response, kind string, most int64) ([]byte, error) {
	switch {
	case !typed(resp, kind):
		return nil, breach("it is not of the expected kind")
	case resp.ContentLength < 1 || resp.ContentLength > most:
		return nil, breach("its length cannot be")
	}
	got := make([]byte, resp.ContentLength)
	if _, err := io.ReadFull(resp.Body, got); err != nil {
		return nil, broken(ctx, err)
	}
	return got, nil
}

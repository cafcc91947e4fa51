package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
)

// Head says whom a letter is for, and how it can be answered.
type Head struct {
	To    InboxID
	Time  time.Time // by the writer's clock, in whole seconds
	From  *InboxID  // of an answer: the inbox that answers
	Reply *Reply    // of a letter that wants answers; never together with From
}

// Reply is where answers go, and the key that proves them.
type Reply struct {
	Recipients Recipients
	Key        [32]byte
}

const (
	maxHead    = 64 << 10
	latestTime = 253402300799 // the last second of the year 9999
)

// ErrHead refuses to write a head that no reader takes.
var ErrHead = errors.New("the head of the letter is not as it must be")

// headJSON fixes names and order of the members.
type headJSON struct {
	Version int        `json:"v"`
	To      string     `json:"to"`
	Time    int64      `json:"time"`
	From    string     `json:"from"`
	Reply   *replyJSON `json:"reply"`
}

type replyJSON struct {
	Recipients []string `json:"recipients"`
	Key        string   `json:"key"`
}

// encode makes the one text of a head.
func (h Head) encode() ([]byte, error) {
	if t := h.Time.Unix(); t < 0 || t > latestTime || h.From != nil && h.Reply != nil {
		return nil, ErrHead
	}
	j := headJSON{Version: 1, To: base64url.EncodeToString(h.To[:]), Time: h.Time.Unix()}
	if h.From != nil {
		j.From = base64url.EncodeToString(h.From[:])
	}
	if h.Reply != nil {
		if err := h.Reply.Recipients.check(); err != nil {
			return nil, err
		}
		j.Reply = &replyJSON{h.Reply.Recipients, base64url.EncodeToString(h.Reply.Key[:])}
	}
	return json.Marshal(j)
}

// parseHead accepts only what encode makes: unknown and repeated members, other
// spellings and white space differ from it.
func parseHead(text []byte) (Head, error) {
	var j headJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return Head{}, ErrHead
	}
	to, ok := decode32(j.To)
	h := Head{To: to, Time: time.Unix(j.Time, 0).UTC()}
	if j.From != "" {
		from, valid := decode32(j.From)
		h.From, ok = (*InboxID)(&from), ok && valid
	}
	if j.Reply != nil {
		key, valid := decode32(j.Reply.Key)
		h.Reply, ok = &Reply{j.Reply.Recipients, key}, ok && valid
	}
	if !ok {
		return Head{}, ErrHead
	}
	again, err := h.encode()
	if err != nil || !bytes.Equal(again, text) {
		return Head{}, ErrHead
	}
	return h, nil
}

func decode32(text string) (raw [32]byte, ok bool) {
	b, err := base64url.DecodeString(text)
	if err != nil || len(b) != len(raw) {
		return raw, false
	}
	return [32]byte(b), true
}

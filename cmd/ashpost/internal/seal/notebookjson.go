package seal

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

type notebookJSON struct {
	Version       int                `json:"v"`
	Seen          string             `json:"seen"`
	Before        string             `json:"before"`
	Conversations []conversationJSON `json:"conversations"`
}

type conversationJSON struct {
	Inbox      string   `json:"inbox"`
	Name       string   `json:"name"`
	Recipients []string `json:"recipients"`
	Key        string   `json:"key"`
	Since      string   `json:"since"`
}

// encode drops the oldest conversations until the rest fits.
func (n Notebook) encode() ([]byte, error) {
	n.Conversations = slices.Clone(n.Conversations)
	slices.SortStableFunc(n.Conversations, func(a, b Conversation) int { return strings.Compare(a.Since, b.Since) })
	for {
		text, err := json.Marshal(n.json())
		if err != nil {
			return nil, err
		}
		over := len(n.Conversations) - maxConversations
		if over <= 0 && len(text) <= maxNotebook {
			_, err := decodeNotebook(text) // what no reader takes is not written
			return text, err
		}
		if len(n.Conversations) == 0 {
			return nil, ErrNotebook
		}
		n.Conversations = n.Conversations[max(over, 1):]
	}
}

func (n Notebook) json() notebookJSON {
	j := notebookJSON{Version: 1, Seen: n.Seen, Before: n.Before, Conversations: []conversationJSON{}}
	for _, c := range n.Conversations {
		j.Conversations = append(j.Conversations, c.encode())
	}
	return j
}

func (c Conversation) encode() conversationJSON {
	j := conversationJSON{base64url.EncodeToString(c.Inbox[:]), c.Name, c.Recipients, "", c.Since}
	if c.Key != nil {
		j.Key = base64url.EncodeToString(c.Key[:])
	}
	return j
}

func decodeNotebook(text []byte) (Notebook, error) {
	var j notebookJSON
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil || d.InputOffset() != int64(len(text)) {
		return Notebook{}, ErrNotebook
	}
	if j.Version != 1 || !validDay(j.Seen) || !validDay(j.Before) || len(j.Conversations) > maxConversations {
		return Notebook{}, ErrNotebook
	}
	n := Notebook{Seen: j.Seen, Before: j.Before}
	for _, c := range j.Conversations {
		decoded, ok := c.decode()
		if !ok {
			return Notebook{}, ErrNotebook
		}
		n.Conversations = append(n.Conversations, decoded)
	}
	return n, nil
}

func (j conversationJSON) decode() (Conversation, bool) {
	inbox, ok := decode32(j.Inbox)
	c := Conversation{Inbox: inbox, Name: j.Name, Recipients: j.Recipients, Since: j.Since}
	if j.Key != "" {
		key, valid := decode32(j.Key)
		c.Key, ok = &key, ok && valid
	}
	return c, ok && validDay(j.Since) && c.Recipients.check() == nil && c.Recipients.ID() == c.Inbox
}

func validDay(day string) bool {
	_, err := time.Parse(time.DateOnly, day)
	return day == "" || err == nil
}

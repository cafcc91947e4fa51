package onion

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRosterShutsOut(t *testing.T) {
	for name, c := range map[string]struct {
		old, next roster
		want      bool
	}{
		"nothing changes":  {roster{"a": 1}, roster{"a": 1}, false},
		"the first":        {roster{}, roster{"a": 1}, true},
		"one more":         {roster{"a": 1}, roster{"a": 1, "b": 2}, false},
		"one less":         {roster{"a": 1, "b": 2}, roster{"a": 1}, true},
		"another key":      {roster{"a": 1}, roster{"a": 2}, true},
		"one for another":  {roster{"a": 1}, roster{"b": 1}, true},
		"the last":         {roster{"a": 1}, roster{}, false},
		"public as before": {roster{}, roster{}, false},
	} {
		if got := c.old.shutsOut(c.next); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestUnreadableRoster: that the list cannot be read for a moment shuts nobody
// out, and lets nobody in.
func TestUnreadableRoster(t *testing.T) {
	dir := t.TempDir()
	if _, err := AddClient(dir, "first"); err != nil {
		t.Fatal(err)
	}
	s := &Service{conf: Config{Dir: dir}, changed: make(chan struct{})}
	if err := s.prepare(); err != nil || len(s.clients) != 1 {
		t.Fatal(s.clients, err)
	}
	folder := filepath.Join(dir, "hs", "authorized_clients")
	if err := os.Rename(folder, folder+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder, nil, 0o600); err != nil { // which is no folder
		t.Fatal(err)
	}
	if err := s.heedRoster(nil); err != nil || len(s.clients) != 1 {
		t.Errorf("%v, %v", s.clients, err)
	}
	if err := s.prepare(); err == nil {
		t.Error("a tor is started without knowing whom it lets in")
	}
}

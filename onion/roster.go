package onion

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"
)

// errShutOut ends one life of tor; the next begins at once.
var errShutOut = errors.New("tor starts anew to shut out who is not let in any more")

// A roster is the list of clients as tor has read it: their files, and when each
// was written.
type roster map[string]int64

// readRoster is empty for a public service.
func readRoster(dir string) (roster, error) {
	r := roster{}
	entries, err := os.ReadDir(filepath.Join(keyFolder(dir), "authorized_clients"))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".auth" {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		r[e.Name()] = info.ModTime().UnixNano()
	}
	return r, nil
}

// shutsOut says whether somebody who got in by the old roster must not by the
// new one: a client is gone or has another key, or the service was public.
func (r roster) shutsOut(next roster) bool {
	if len(next) == 0 {
		return false
	}
	for name, written := range r {
		if next[name] != written {
			return true
		}
	}
	return len(r) == 0
}

// heedRoster has tor read the list of clients when it changed. It is looked at
// every second, so that whoever may write to the folder need not be able to
// reach this process. A setting that stays as it was does it: any SETCONF has
// tor read its services' folders again, while RELOAD would read the torrc, in
// which the network is off.
//
// Whoever is shut out may have kept the descriptor and could go on using its
// introduction points for hours, and circuits that are open would stay open.
// Only a new tor ends both.
func (s *Service) heedRoster(l *link) error {
	next, err := readRoster(s.conf.Dir)
	if err != nil || maps.Equal(s.clients, next) {
		return nil // out of descriptors, perhaps: nobody was let in or shut out
	}
	if s.clients.shutsOut(next) {
		s.note(excuse)
		return errShutOut
	}
	s.clients = next
	_, err = l.command("SETCONF ClientOnly=1")
	return err
}

// excuse keeps a tor that is stopped on purpose from counting as one that died.
func excuse(d *diagnosis, _ time.Time) { d.excused = true }

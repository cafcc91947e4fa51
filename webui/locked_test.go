package webui

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"ashpost/webui/api"
	"ashpost/webui/api/channel"
)

// TestLocked tries every route and page on a vault that never opened and on
// one that locked over a message being read.
func TestLocked(t *testing.T) {
	t.Run("starting", func(t *testing.T) {
		r := start(t, setup{locked: true})
		l := &letter{ciphertext: ageFile(1000), reading: api.Once, expires: "3600"}
		l.claimHeader, l.manageHdr = l.claim.Verifier().Encode(), l.manage.Verifier().Encode()
		r.checkLocked(l, "starting")
	})
	t.Run("through a channel", func(t *testing.T) {
		r := start(t, setup{})
		l := r.letter(1000)
		l.expires = "86400"
		r.want(201, r.put(l))
		r.sealed() // before the lock ends every channel
		r.want(200, r.with(l.manage, "GET", l, api.PathState))
		r.halt()
		r.turn(76 * time.Minute)
		r.checkLocked(l, "overdue")
	})
	t.Run("overdue", func(t *testing.T) {
		r := start(t, setup{})
		l := r.letter(1000)
		l.expires = "86400"
		r.want(201, r.put(l))
		r.halt()
		r.turn(76 * time.Minute)
		r.checkLocked(l, "overdue")
	})
}

func (r *rig) checkLocked(l *letter, cause string) {
	var service api.Service
	a := r.want(200, r.do("GET", api.PathService, nil))
	if err := json.Unmarshal(a.body, &service); err != nil || service.State != api.Locked || service.Cause != cause {
		r.Errorf("service: %v %s", err, a.body)
	}
	for _, rt := range calls {
		if rt.path == api.PathService || rt.path == channel.SessionPath { // which change nothing
			continue
		}
		a := r.as(l, rt, []string{"Authorization", api.Bearer(l.manage)})
		switch {
		case rt.locked && (a.status == 202 && a.code(r) == api.CodeNotProven || a.status == 403):
		case !rt.locked && a.status == 503 && a.code(r) == api.CodeLocked && a.header.Get("Retry-After") != "":
		default:
			r.Errorf("%s %s: %d %s", rt.method, rt.path, a.status, a.body)
		}
	}
	stopped := r.s.files[stoppedPage].body
	for _, v := range views {
		path := l.view(v.path)
		a := r.do("GET", path, nil)
		if v.always {
			r.want(200, a)
		} else if a.status != 503 || !bytes.Equal(a.body, stopped) || a.header.Get("Retry-After") == "" {
			r.Errorf("%s: %d", path, a.status)
		}
	}
	r.want(404, r.do("GET", "/x", nil))
	r.want(405, r.do("DELETE", "/", nil))
}

// TestErasureWhileLocked: it is tried, and not called proven.
func TestErasureWhileLocked(t *testing.T) {
	r := start(t, setup{})
	revoked, read := r.letter(1000), r.letter(1000)
	revoked.expires, read.expires = "86400", "86400"
	r.want(201, r.put(revoked))
	r.want(201, r.put(read))
	r.halt()
	r.turn(70 * time.Minute)
	r.want(200, r.claim(read))
	r.turn(6 * time.Minute)
	r.refused(api.CodeNotProven, r.with(revoked.manage, "POST", revoked, api.PathRevoke))
	r.refused(api.CodeNotProven, r.with(read.reader, "POST", read, api.PathAcknowledge))
}

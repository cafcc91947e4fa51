package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"ashpost/onion"
	"ashpost/vault"
)

func (p *patient) service() finding {
	const name = "service"
	switch {
	case p.silent != nil:
		f := explain(p.silent)
		return wrong(name, f.what, f.hint)
	case p.running == nil:
		return well(name, "not running on this data folder; ashpost serve starts it")
	case p.running.State != "open":
		return wrong(name, "running and locked: "+causeWords(p.running.Cause), "ashpost status says since when; ashpost unlock says whether it needs your word.")
	}
	return well(name, "running and open")
}

// trouble says whether the running service's Tor has a trouble of these kinds.
func (p *patient) trouble(kinds ...onion.Kind) (says, next string, is bool) {
	if p.running == nil || p.running.Onion == nil {
		return "", "", false
	}
	o := p.running.Onion
	for _, k := range kinds {
		if o.Kind == k {
			return o.Trouble, o.Advice, true
		}
	}
	return "", "", false
}

func (p *patient) clock() finding {
	const name, set = "clock", "Set the clock of this machine right, time zone too, or have it set: apt-get install systemd-timesyncd."
	if says, _, is := p.trouble(onion.ClockSkew); is {
		return wrong(name, says, set)
	}
	now := time.Now().UTC()
	says := now.Format("2 January 2006, 15:04") + " UTC"
	if p.running != nil && p.running.Cause == vault.CauseClock {
		return wrong(name, says+", which the service does not trust", "Set the clock right; if it is right: ashpost unlock.")
	}
	if now.Before(vault.Floor()) {
		return wrong(name, says+", which is before this program was made", set)
	}
	var tx unix.Timex
	if state, err := unix.Adjtimex(&tx); err != nil || state == unix.TIME_ERROR {
		return well(name, says+"; nothing keeps it right (the kernel does not hold it to be synchronised)")
	}
	return well(name, says+", synchronised")
}

func (p *patient) network() finding {
	const name = "network"
	if says, next, is := p.trouble(onion.NoRoute, onion.CutOff); is {
		return wrong(name, says, next)
	}
	device, err := defaultRoute("/proc/net")
	if err != nil {
		return wrong(name, "the kernel's routes cannot be read: "+cause(err), "Run this where /proc is mounted.")
	}
	if device == "" {
		return wrong(name, "there is no way out of this machine", "Check the cable, the Wi-Fi and the router.")
	}
	return well(name, "there is a way out, by "+device)
}

func (p *patient) tor() finding {
	const name = "tor"
	if p.running == nil {
		tor, err := onion.ChooseTor("", torFolders()...)
		if err != nil {
			return wrong(name, "there is no usable Tor", err.Error())
		}
		return well(name, "Tor "+tor.Version+" is there")
	}
	o := p.running.Onion
	switch {
	case o == nil:
		return well(name, "not used: a preview on this machine alone")
	case o.Trouble != "":
		return wrong(name, o.Trouble, o.Advice)
	case o.Phase != onion.Published:
		return wrong(name, fmt.Sprintf("not yet published: %d %% %s", o.Progress, o.Doing), "Wait a minute, then look again.")
	}
	return well(name, "published")
}

func (p *patient) bridges() finding {
	const name = "bridges"
	if says, next, is := p.trouble(onion.NeedsBridge, onion.BridgeFails); is {
		return wrong(name, says, next)
	}
	if !p.bridged() {
		return well(name, "none named here; --bridges FILE has a file looked at")
	}
	access, err := p.access()
	if err != nil {
		f := explain(err)
		return wrong(name, f.what, f.hint)
	}
	if p.BridgesRequired && !access.Ready() {
		return wrong(name, "bridges are required, and there is no bridge line", "Get lines from https://bridges.torproject.org or bridges@torproject.org, and write them into the file.")
	}
	return well(name, "the lines are well formed, and their programs are there")
}

// leastSpace is what a service needs to go on erasing and proving with ease.
const leastSpace = 100 << 20

func (p *patient) disk() finding {
	const name = "disk"
	if p.running != nil && (p.running.Cause == vault.CauseFsync || p.running.Cause == vault.CauseCorruption) {
		return wrong(name, causeWords(p.running.Cause), "Look at the disk and the kernel's messages (dmesg), then: ashpost unlock.")
	}
	if p.running != nil && p.running.Cause == vault.CauseDisk {
		return wrong(name, causeWords(vault.CauseDisk), "Look at df, mount and the kernel's messages (dmesg); the service opens by itself.")
	}
	dir, err := existing(p.Data)
	if err != nil {
		return wrong(name, "the data folder cannot be looked at: "+cause(err), "Name another with --data.")
	}
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return wrong(name, "the free space cannot be read: "+err.Error(), "Look at the disk.")
	}
	free := int64(st.Bavail) * int64(st.Bsize)
	says := bytesWords(free) + " free"
	if st.Flags&unix.ST_RDONLY != 0 {
		return wrong(name, "the data folder lies on a read-only file system", "Mount it for writing, or name another folder with --data.")
	}
	volatile := p.running != nil && p.running.Volatile
	if err := vault.Suitable(dir); err != nil && !volatile {
		unsuitable, ok := errors.AsType[*vault.UnsuitableError](err)
		if !ok {
			return wrong(name, "the file system cannot be told", "Choose a folder on ext4 or XFS.")
		}
		return wrong(name, unsuitable.Why, unsuitable.Do+" The flags: --data DIR, --volatile.")
	}
	if free < leastSpace || st.Files > 0 && st.Ffree < 1000 {
		return wrong(name, says+": that is little", "Make room: at least 100 MB, and as much as messages may need.")
	}
	return well(name, says)
}

// existing is the folder, or what it would be made in.
func existing(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		_, err := os.Stat(dir)
		if !errors.Is(err, fs.ErrNotExist) || dir == "/" {
			return dir, err
		}
		dir = filepath.Dir(dir)
	}
}

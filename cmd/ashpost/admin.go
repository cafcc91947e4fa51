package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"time"

	"ashpost/onion"
	"ashpost/vault"
	"ashpost/webui"
)

// report is what a service tells its operator: states and totals, nothing of
// any message or visitor.
type report struct {
	State     string         `json:"state"` // open or locked
	Cause     vault.Cause    `json:"cause,omitempty"`
	Since     int64          `json:"since,omitempty"`    // Unix seconds, locked since
	Verified  int64          `json:"verified,omitempty"` // Unix seconds, last verified maintenance
	Now       int64          `json:"now"`                // Unix seconds, the vault's clock
	Destroyed int            `json:"destroyed"`          // by the last maintenance
	TookMS    int64          `json:"took_ms"`
	Messages  int            `json:"messages"` // those in inboxes included
	Inboxes   int            `json:"inboxes"`
	Letters   int            `json:"letters"` // messages in them
	Slots     int            `json:"slots"`
	Bytes     int64          `json:"bytes"`
	Quota     int64          `json:"quota"`
	Filled    int            `json:"filled"` // percent of what it may hold
	Volatile  bool           `json:"volatile"`
	Storage   vault.Storage  `json:"storage,omitempty"` // where the slots live
	System    string         `json:"file_system"`       // of the data folder
	Swap      bool           `json:"swap"`              // memory may be written to a disk in the clear
	Onion     *onionReport   `json:"onion,omitempty"`
	Counters  webui.Counters `json:"counters"`
}

type onionReport struct {
	Address  string      `json:"address"`
	Phase    onion.Phase `json:"phase"`
	Progress int         `json:"progress"`
	Points   int         `json:"introduction_points"`
	Doing    string      `json:"doing,omitempty"`
	Kind     onion.Kind  `json:"kind,omitempty"` // of the trouble
	Trouble  string      `json:"trouble,omitempty"`
	Advice   string      `json:"advice,omitempty"`
	Tor      torReport   `json:"tor"`
}

// torReport is the Tor in use.
type torReport struct {
	Version string      `json:"version,omitempty"`
	Place   onion.Place `json:"place,omitempty"`
	Why     string      `json:"why,omitempty"` // what forbade a better place
}

func newTorReport(t onion.Tor) torReport { return torReport{t.Version, t.Place, t.Why} }

// words says which Tor runs, and from where.
func (r torReport) words() string {
	text := r.Version
	if text == "" {
		return "not known: the part with Tor is not connected"
	}
	switch r.Place {
	case onion.InMemory:
		text += ", the one inside this program, run from memory"
	case onion.InFile:
		text += ", the one inside this program, run from a file in the data folder"
	case onion.OnDisk:
		text += ", of this machine"
	}
	if r.Why != "" {
		text += " (" + r.Why + ")"
	}
	return text
}

func (s *service) report() report {
	v := s.vault.Status()
	r := report{
		State: "open", Cause: v.Cause, Since: unixOrZero(v.Since), Verified: unixOrZero(v.Verified),
		Now: v.Now.Unix(), Destroyed: v.Destroyed, TookMS: v.Took.Milliseconds(),
		Messages: v.Live, Slots: v.Slots, Bytes: v.Bytes, Quota: v.Quota, Filled: v.Filled, Counters: s.web.Counters(),
		Inboxes: v.Inboxes, Letters: v.Letters,
		Volatile: v.Volatile, Storage: v.Storage, System: v.FileSystem, Swap: swapsToDisk(),
	}
	if !v.Open {
		r.State = "locked"
	}
	if s.onion != nil {
		o := s.onion.State()
		r.Onion = &onionReport{
			Address: o.Address, Phase: o.Phase, Progress: o.Progress, Points: o.Introductions, Doing: o.Doing,
			Kind: o.Kind, Trouble: o.Trouble, Advice: o.Advice, Tor: newTorReport(o.Tor),
		}
	}
	return r
}

func unixOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// serveAdmin answers on the socket that only this user can reach.
func (s *service) serveAdmin(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) { tell(w, s.report()) })
	mux.HandleFunc("POST /order", func(w http.ResponseWriter, r *http.Request) {
		var o order
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096))
		d.DisallowUnknownFields() // of a newer command: what is not understood is not done
		if err := d.Decode(&o); err != nil || o == (order{}) {
			http.Error(w, "bad order", http.StatusBadRequest)
			return
		}
		tell(w, o.carryOut(s.vault))
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	context.AfterFunc(ctx, func() { server.Close() })
	return server.Serve(s.sockets.admin)
}

func tell(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the asker is gone: nothing to do
}

// causeWords says why a service is locked, and what ends it.
func causeWords(c vault.Cause) string {
	switch c {
	case vault.CauseStarting:
		return "the first maintenance has not ended yet"
	case vault.CauseMaintenance:
		return "the last maintenance failed; it is tried again every minute"
	case vault.CauseVerification:
		return "maintenance found something that should have been destroyed; it is tried again every minute"
	case vault.CauseOverdue:
		return "no maintenance has proved destruction for 75 minutes"
	case vault.CauseDisk:
		return "the disk is full or read-only, or does not answer; free some space on it, or look at it: it is tried again every minute"
	case vault.CauseFsync:
		return "the disk failed to store something; look at the disk, then: ashpost unlock"
	case vault.CauseClock:
		return "the time of day cannot be trusted; set the clock, or if it is right: ashpost unlock"
	case vault.CauseCorruption:
		return "the data folder is damaged; what that means, and what can be done: ashpost unlock"
	}
	return string(c)
}

// storageWords says where the slots live, and what is read to prove that they
// were erased.
func storageWords(s vault.Storage) string {
	switch s {
	case vault.StorageDisk:
		return "on the disk; verified by reading the device"
	case vault.StorageCached:
		return "on the disk; verified by re-reading the page cache"
	case vault.StorageSecret:
		return "in memory that nothing else can read (memfd_secret); verified by reading it"
	case vault.StorageLocked:
		return "in locked memory, as this kernel lacks memfd_secret; verified by reading it"
	}
	return "unknown: the slot file is not open, because it is damaged or the disk failed"
}

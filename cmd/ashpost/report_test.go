package main

import (
	"encoding/json"
	"testing"

	"ashpost/onion"
	"ashpost/vault"
	"ashpost/webui"
)

// theReport is what scripts read: names may be added to it, none may change.
const theReport = `{"state":"locked","cause":"disk","since":1,"verified":2,"now":3,"destroyed":4,"took_ms":5,` +
	`"messages":6,"inboxes":7,"letters":8,"slots":9,"bytes":10,"quota":11,"filled":12,"volatile":true,` +
	`"storage":"disk","file_system":"ext4","swap":true,` +
	`"onion":{"address":"a.onion","phase":"publishing","progress":13,"introduction_points":14,"doing":"d",` +
	`"kind":"blocked","trouble":"t","advice":"a","tor":{"version":"v","place":"memory","why":"w"}},` +
	`"counters":{"refused":15,"failed":16,"panics":17,"dropped":18,"limited":19,"crowded":20,"closed":21,"wrong":22,"slow":23}}`

func TestReportKeepsItsNames(t *testing.T) {
	got, err := json.Marshal(report{
		State: "locked", Cause: vault.CauseDisk, Since: 1, Verified: 2, Now: 3, Destroyed: 4, TookMS: 5,
		Messages: 6, Inboxes: 7, Letters: 8, Slots: 9, Bytes: 10, Quota: 11, Filled: 12, Volatile: true,
		Storage: vault.StorageDisk, System: "ext4", Swap: true,
		Onion: &onionReport{
			Address: "a.onion", Phase: onion.Publishing, Progress: 13, Points: 14, Doing: "d",
			Kind: onion.Blocked, Trouble: "t", Advice: "a", Tor: torReport{"v", onion.InMemory, "w"},
		},
		Counters: webui.Counters{Refused: 15, Failed: 16, Panics: 17, Dropped: 18, Limited: 19, Crowded: 20, Closed: 21, Wrong: 22, Slow: 23},
	})
	if err != nil || string(got) != theReport {
		t.Errorf("%s, %v", got, err)
	}
}

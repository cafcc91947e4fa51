package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ashpost/onion"
	"ashpost/vault"
)

func TestDefaultRoute(t *testing.T) {
	const (
		head4 = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
		lan4  = "wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0\n"
		way4  = "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
		zero  = "00000000000000000000000000000000"
		way6  = zero + " 00 " + zero + " 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n"
		none6 = zero + " 00 " + zero + " 00 " + zero + " ffffffff 00000001 00000000 00200200       lo\n"
	)
	for name, c := range map[string]struct{ four, six, want string }{
		"none":           {head4, none6, ""},
		"a local net":    {head4 + lan4, none6, ""},
		"IPv4":           {head4 + lan4 + way4, none6, "wlan0"},
		"IPv6 alone":     {head4, none6 + way6, "eth0"},
		"down":           {head4 + strings.Replace(way4, "0003", "0002", 1), "", ""},
		"nothing at all": {"", "", ""},
		"nonsense":       {"a\n\x00 00000000", "x y z\n", ""},
	} {
		dir := t.TempDir()
		for file, text := range map[string]string{"route": c.four, "ipv6_route": c.six} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := defaultRoute(dir); err != nil || got != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := defaultRoute(t.TempDir()); err == nil {
		t.Error("no tables at all")
	}
}

// TestDoctorAsksTheService: what a running service knows decides.
func TestDoctorAsksTheService(t *testing.T) {
	ill := func(k onion.Kind) *report {
		return &report{State: "open", Onion: &onionReport{Phase: onion.Bootstrapping, Kind: k, Trouble: "The trouble.", Advice: "The advice."}}
	}
	for name, c := range map[string]struct {
		running *report
		bad     string // the checks that find something, of those that ask
	}{
		"well":           {&report{State: "open", Onion: &onionReport{Phase: onion.Published}}, ""},
		"a preview":      {&report{State: "open"}, ""},
		"not there yet":  {&report{State: "open", Onion: &onionReport{Phase: onion.Bootstrapping, Progress: 50}}, "tor"},
		"locked":         {&report{State: "locked", Cause: vault.CauseMaintenance}, "service"},
		"a bad clock":    {&report{State: "locked", Cause: vault.CauseClock}, "service clock"},
		"a bad disk":     {&report{State: "locked", Cause: vault.CauseFsync}, "service disk"},
		"a full disk":    {&report{State: "locked", Cause: vault.CauseDisk}, "service disk"},
		"skew":           {ill(onion.ClockSkew), "clock tor"},
		"no network":     {ill(onion.NoRoute), "network tor"},
		"cut off":        {ill(onion.CutOff), "network tor"},
		"blocked":        {ill(onion.Blocked), "tor"},
		"silent bridges": {ill(onion.BridgeFails), "tor bridges"},
		"no bridges":     {ill(onion.NeedsBridge), "tor bridges"},
	} {
		p := patient{running: c.running}
		p.Data = t.TempDir()
		var bad []string
		for _, f := range []finding{p.service(), p.clock(), p.network(), p.tor(), p.bridges(), p.disk()} {
			own := f.Check == "network" && !strings.Contains(f.Says, "trouble") ||
				f.Check == "disk" && c.running.Cause != vault.CauseFsync && c.running.Cause != vault.CauseDisk // this machine's, not the service's
			if !f.OK && !own {
				bad = append(bad, f.Check)
			}
			if f.OK == (f.Next != "") {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if got := strings.Join(bad, " "); got != c.bad {
			t.Errorf("%s: %q, want %q", name, got, c.bad)
		}
	}
}

func TestDoctorLooksAtPermissions(t *testing.T) {
	p := patient{}
	p.Data = filepath.Join(t.TempDir(), "data")
	if f := p.permissions(); !f.OK {
		t.Errorf("without a folder: %+v", f)
	}
	key := filepath.Join(p.Data, "tor", "hs", "hs_ed25519_secret_key")
	if err := os.MkdirAll(filepath.Dir(key), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if f := p.permissions(); !f.OK {
		t.Errorf("a closed folder: %+v", f)
	}
	for _, place := range []string{p.Data, filepath.Dir(key), key} {
		st, err := os.Stat(place)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(place, st.Mode().Perm()|0o040); err != nil {
			t.Fatal(err)
		}
		if f := p.permissions(); f.OK || !strings.HasSuffix(f.Next, "chmod go= "+place) {
			t.Errorf("open to the group: %+v", f)
		}
		if err := os.Chmod(place, st.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
}

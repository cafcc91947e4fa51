package onion_test

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ashpost/onion"
)

func TestServiceSurvives(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "tor state #1") // a path torrc has to quote
	s, end := start(t, onion.Config{Dir: state, Target: target(t, dir), Tor: needTor(t), Network: needNetwork(t).network.Torrc()})
	begun := time.Now()
	early := await(t, s, "an address", func(s onion.State) bool { return s.Address != "" })
	if early.Published || early.Progress == 100 {
		t.Errorf("the address came late: %+v", early)
	}
	await(t, s, "publication", published)
	t.Logf("published after %v", time.Since(begun))
	fetch(t, early.Address)
	t.Logf("fetched after %v", time.Since(begun))
	await(t, s, "introduction points", func(s onion.State) bool { return s.Introductions > 0 })
	witness := await(t, s, "the consensus", func(s onion.State) bool { return !s.Consensus.IsZero() }).Consensus
	if age := time.Since(witness); age < -time.Minute || age > 5*time.Minute {
		t.Errorf("the consensus is valid from %v ago", age)
	}

	for _, blow := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP} {
		struck := time.Now()
		if err := syscall.Kill(process(t, state), blow); err != nil {
			t.Fatal(err)
		}
		await(t, s, "the loss of tor", unpublished)
		lost := time.Since(struck)
		again := await(t, s, "publication", published)
		t.Logf("%v: noticed after %v, published after %v", blow, lost, time.Since(struck))
		if again.Address != early.Address {
			t.Fatalf("the address changed from %s to %s", early.Address, again.Address)
		}
		fetch(t, again.Address)
	}

	end()
	if pid := process(t, state); pid != 0 {
		t.Errorf("tor runs on as process %d", pid)
	}
	if got := s.State(); got.Phase != onion.Stopped || got.Published {
		t.Errorf("after the end: %+v", got)
	}
	if err := s.Run(context.Background()); err == nil {
		t.Error("Run ran twice")
	}
	next, err := onion.New(onion.Config{Dir: state, Target: target(t, t.TempDir()), Tor: needTor(t)})
	if err != nil || next.State().Address != early.Address {
		t.Errorf("a new service does not know its address at once: %v", err)
	}
}

// dead is a network whose only member is a port on which nobody listens.
const dead = "TestingTorNetwork 1\nDirAuthority dead orport=1 no-v2 " +
	"v3ident=0000000000000000000000000000000000000001 127.0.0.1:1 0000000000000000000000000000000000000001\n"

func TestNoWayToTheNetwork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := start(t, onion.Config{Dir: dir, Target: target(t, dir), Tor: needTor(t), Network: dead})
	bad := await(t, s, "trouble", func(s onion.State) bool { return s.Kind != "" })
	t.Logf("%+v", bad)
	if bad.Kind != onion.Blocked || bad.Trouble == "" || bad.Advice == "" || bad.Published || bad.Address == "" {
		t.Errorf("%+v", bad)
	}
	if process(t, dir) == 0 {
		t.Error("tor is not running")
	}
}

func TestTorThatKeepsDying(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := start(t, onion.Config{Dir: dir, Target: target(t, dir), Tor: needTor(t), Network: "NoSuchOption 1\n"})
	bad := await(t, s, "trouble", func(s onion.State) bool { return s.Kind == onion.KeepsDying })
	if !strings.Contains(bad.Trouble, "NoSuchOption") {
		t.Errorf("the cause is missing: %+v", bad)
	}
}

func TestLongStatePath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	deep := filepath.Join(dir, strings.Repeat("d", 100), `"é`)
	s, end := start(t, onion.Config{Dir: deep, Target: target(t, dir), Tor: needTor(t), Network: needNetwork(t).network.Torrc()})
	await(t, s, "publication", published)
	end()
}

// What an operator is told of the tor in use.
func TestStateNamesTheTor(t *testing.T) {
	dir := t.TempDir()
	tor := needTor(t)
	s, err := onion.New(onion.Config{Dir: dir, Target: filepath.Join(dir, "web.sock"), Tor: tor})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.State().Tor; got != tor || got.Version == "" || got.Place == "" {
		t.Errorf("%+v", got)
	}
}

func TestNewRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]onion.Config{
		"no tor":             {Dir: dir, Target: dir + "/s"},
		"long target":        {Dir: dir, Target: dir + strings.Repeat("/s", 60), Tor: needTor(t)},
		"new line in target": {Dir: dir, Target: dir + "/s\nORPort 1", Tor: needTor(t)},
		"new line in folder": {Dir: dir + "/a\nb", Target: dir + "/s", Tor: needTor(t)},
	} {
		if _, err := onion.New(c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

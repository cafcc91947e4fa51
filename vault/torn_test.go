package vault

import (
	"errors"
	"runtime"
	"testing"
	"time"
)

// halves writes a slot in two steps, as the kernel may show it to a read.
type halves struct{ Medium }

func (h halves) WriteAt(p []byte, off int64) (int, error) {
	n, err := h.Medium.WriteAt(p[:len(p)/2], off)
	if err != nil {
		return n, err
	}
	for range 20 {
		runtime.Gosched()
	}
	k, err := h.Medium.WriteAt(p[n:], off+int64(n))
	return n + k, err
}

// A look at a message whose slot is being rewritten never finds it absent:
// its sender is not told that it is gone, and its chunks are not taken for
// orphans.
func TestRewrittenSlotIsNeverAbsent(t *testing.T) {
	claim, manage, reader := Key{1}, Key{2}, Key{3}
	cases := map[string]func(v *Vault, ref Reference, h handle) error{
		"state": func(v *Vault, ref Reference, _ handle) error {
			_, err := v.State(ref, manage)
			return err
		},
		"orphans": func(v *Vault, _ Reference, h handle) error {
			keep, err := v.owned()
			if err == nil && !keep.has(h) {
				err = errors.New("its chunks have no owner")
			}
			return err
		},
		"maintenance": func(v *Vault, _ Reference, _ handle) error { return v.Maintain() },
	}
	for name, look := range cases {
		t.Run(name, func(t *testing.T) {
			v, err := Open(t.TempDir()+"/data", Options{
				Slots: 16, FileSystem: anywhere, Medium: func(m Medium) Medium { return halves{m} },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer v.Close()
			if err := v.Maintain(); err != nil {
				t.Fatal(err)
			}
			looks := 0
			for range 200 {
				ref, upload, err := v.Reserve()
				if err != nil {
					t.Fatal(err)
				}
				terms := Terms{Lifetime: time.Hour, Claim: claim.Verifier(), Manage: manage.Verifier()}
				if _, err := v.Put(ref, upload, []byte("content"), terms); err != nil {
					t.Fatal(err)
				}
				_, s, _ := v.table.get(ref.tag())
				h := chunkHandle(&s.key)
				claimed := make(chan error, 1)
				go func() {
					_, err := v.Claim(ref, claim, reader.Verifier())
					claimed <- err
				}()
				for busy := true; busy; looks++ {
					select {
					case err := <-claimed:
						if err != nil {
							t.Fatalf("claim: %v", err)
						}
						busy = false
					default:
					}
					if err := look(v, ref, h); err != nil {
						t.Fatalf("look %d, while the message is being claimed: %v", looks, err)
					}
				}
				if c, err := v.Claim(ref, claim, reader.Verifier()); err != nil || string(c.Content) != "content" {
					t.Fatalf("the reader again: %q %v", c.Content, err)
				}
				if err := v.Acknowledge(ref, reader); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

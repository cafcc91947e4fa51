package webui

import (
	"bufio"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ashpost/webui/api"
)

// TestGoneTakesOneTime compares how long the refusal takes for a reference that
// never was, one whose proof is wrong, and one that was read or is claimed. It
// finds a write to the disk or a decryption on one of the ways, each many times
// the whole answer; it cannot find what Tor's own jitter hides anyway. A noisy
// machine gets more rounds: a real difference is there in all of them.
func TestGoneTakesOneTime(t *testing.T) {
	const tries, rounds, factor = 150, 12, 2.0
	r := start(t, setup{})
	read, wrong, taken := r.sent(1000), *r.sent(1000), *r.sent(1000)
	r.want(200, r.claim(read))
	r.want(204, r.with(read.reader, "POST", read, api.PathAcknowledge))
	r.want(200, r.claim(&taken))
	unknown := wrong
	unknown.ref[0] ^= 1
	for _, l := range []*letter{&wrong, &taken, &unknown} {
		l.claim, l.manage, l.reader, l.upload = api.NewKey(), api.NewKey(), api.NewKey(), api.NewKey()
	}
	forgotten := *read // its upload key would be a conflict, its reader key an answer again
	forgotten.upload, forgotten.reader = api.NewKey(), api.NewKey()
	for _, route := range []string{"claim", "content", "acknowledge", "state", "revoke", "commit", "parts/0"} {
		var medians [4]time.Duration
		even := false
		for range rounds {
			medians = r.medians(tries, rawCall(&unknown, route), rawCall(&wrong, route), rawCall(&taken, route), rawCall(&forgotten, route))
			low, high := slices.Min(medians[:]), slices.Max(medians[:])
			if even = float64(high) <= factor*float64(low); even {
				break
			}
		}
		t.Logf("%s: unknown, wrong proof, claimed, read: %v", route, medians)
		if !even {
			t.Errorf("%s tells by its time what it refuses: %v", route, medians)
		}
	}
}

// medians asks four things on one connection, so often and in mixed order, and
// gives the time that each usually takes.
func (r *rig) medians(tries int, requests ...string) (out [4]time.Duration) {
	r.Helper()
	conn, err := net.Dial("tcp", r.host)
	if err != nil {
		r.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Minute))
	in := bufio.NewReader(conn)
	var took [4][]time.Duration
	for range tries {
		for _, i := range rand.Perm(len(requests)) {
			request := strings.ReplaceAll(requests[i], "HOST", r.host)
			begin := time.Now()
			if _, err := io.WriteString(conn, request); err != nil {
				r.Fatal(err)
			}
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				r.Fatal(err)
			}
			io.Copy(io.Discard, res.Body)
			took[i] = append(took[i], time.Since(begin))
			if res.StatusCode != 403 {
				r.Fatalf("status %d for %.60q", res.StatusCode, request)
			}
		}
	}
	for i := range took {
		slices.Sort(took[i])
		out[i] = took[i][len(took[i])/2]
	}
	return out
}

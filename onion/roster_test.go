package onion

import "testing"

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

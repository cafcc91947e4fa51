package webui

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"ashpost/vault"
	"ashpost/webui/api"
)

func (s *Server) reserve(in *call) (answer, error) {
	if err := s.mayCreate(in.circuit); err != nil {
		return answer{}, err
	}
	id, err := optional(in.head, api.HeaderInbox, api.ParseInboxID)
	if err != nil {
		return answer{}, err
	}
	reserve := s.vault.Reserve
	if id != (api.InboxID{}) {
		size, err := optional(in.head, api.HeaderSize, api.ParseNumber)
		if err != nil {
			return answer{}, err
		}
		reserve = func() (vault.Reference, vault.Key, error) {
			return s.vault.ReserveLetter(vault.InboxID(id), size)
		}
	}
	ref, key, err := reserve()
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated,
		json: api.Reservation{Reference: api.Reference(ref), UploadKey: api.Key(key)}}, nil
}

func (s *Server) put(in *call) (answer, error) {
	terms, err := termsOf(in.head)
	if err != nil {
		return answer{}, err
	}
	check, err := s.mayStore(in, terms)
	if err != nil {
		return answer{}, err
	}
	if err := check(in.body); err != nil {
		return answer{}, err
	}
	receipt, err := s.vault.Put(in.ref, in.key, in.body, terms)
	return stored(receipt, inside(terms, err))
}

func (s *Server) putPart(in *call) (answer, error) {
	end := int64(in.part)*api.PartSize + int64(len(in.body))
	switch {
	case end > s.vault.Limits().MaxMessage:
		return answer{}, vault.ErrTooLarge
	case len(in.body) == 0:
		return answer{}, bad("the part is empty")
	case in.part == 0:
		if err := begins(in.body); err != nil {
			return answer{}, err
		}
	}
	return answer{status: http.StatusNoContent}, s.vault.PutPart(in.ref, in.key, in.part, in.body)
}

func (s *Server) commit(in *call) (answer, error) {
	var c api.Commit
	if err := decode(bytes.NewReader(in.body), &c); err != nil {
		return answer{}, err
	}
	terms, err := checked(c.Terms)
	if err != nil {
		return answer{}, err
	}
	if terms.Accept, err = s.mayStore(in, terms); err != nil {
		return answer{}, err
	}
	receipt, err := s.vault.Commit(in.ref, in.key, c.Parts, c.Size, terms)
	return stored(receipt, inside(terms, err))
}

func stored(r vault.Receipt, err error) (answer, error) {
	return answer{status: http.StatusCreated,
		json: api.Receipt{ExpiresIn: seconds(r.Left)}}, err
}

func (s *Server) claim(in *call) (answer, error) {
	reader, err := api.ParseVerifier(single(in.head, api.HeaderReader))
	if err != nil {
		return answer{}, bad(api.HeaderReader + " is missing or malformed")
	}
	c, err := s.vault.Claim(in.ref, in.key, vault.Verifier(reader))
	if err != nil {
		return answer{}, err
	}
	facts := map[string]string{
		api.HeaderSize:      strconv.FormatInt(c.Size, 10),
		api.HeaderReading:   string(reading(c.Keep)),
		api.HeaderExpiresIn: strconv.FormatInt(seconds(c.Left), 10),
	}
	if !c.Keep {
		facts[api.HeaderLease] = strconv.FormatInt(seconds(c.Lease), 10)
	}
	return answer{status: http.StatusOK, facts: facts, octets: c.Content}, nil
}

func (s *Server) acknowledge(in *call) (answer, error) {
	return answer{status: http.StatusNoContent}, s.vault.Acknowledge(in.ref, in.key)
}

func (s *Server) state(in *call) (answer, error) {
	st, err := s.vault.State(in.ref, in.key)
	if err != nil {
		return answer{}, err
	}
	out := api.State{State: api.Waiting, Reading: reading(st.Keep),
		ExpiresIn: seconds(st.Left), Lease: seconds(st.Lease)}
	if st.Claimed {
		out.State = api.Taken
	}
	return answer{status: http.StatusOK, json: out}, nil
}

func (s *Server) revoke(in *call) (answer, error) {
	claimed, err := s.vault.Revoke(in.ref, in.key)
	return answer{status: http.StatusOK, json: api.Revoked{Claimed: claimed}}, err
}

// service is the state that pages show; counts and sizes are the operator's.
func (s *Server) service(in *call) (answer, error) {
	st, l := s.vault.Status(), s.vault.Limits()
	out := api.Service{
		State: api.Open, Cause: string(st.Cause), ProvedAgo: -1, Preview: in.preview, Volatile: st.Volatile,
		Limits: api.Limits{Message: l.MaxMessage, Inbox: l.MaxLetter, Reply: l.MaxReply,
			Small: api.SmallSize, Part: api.PartSize, Shortest: seconds(l.Shortest), Longest: seconds(l.Longest)},
		Inboxes: s.policy.Inboxes, Links: s.policy.Links,
	}
	var err error
	if out.Channel, err = s.recipient(); err != nil {
		return answer{}, err
	}
	if st.Open {
		out.Contact = s.contact.now(s.vault)
	} else { // a disk that does not answer must not keep this waiting
		out.State, out.LockedFor = api.Locked, seconds(st.Now.Sub(st.Since))
	}
	if !st.Verified.IsZero() {
		out.ProvedAgo = seconds(st.Now.Sub(st.Verified))
	}
	return answer{status: http.StatusOK, json: out}, nil
}

func reading(keep bool) api.Reading {
	if keep {
		return api.UntilExpiry
	}
	return api.Once
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

package webtest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/coder/websocket"
)

// bidi is a client of the WebDriver BiDi protocol (W3C): numbered commands,
// their answers in any order, and events.
type bidi struct {
	conn    *websocket.Conn
	onEvent func(method string, params json.RawMessage)
	ended   chan struct{} // closed when the connection has ended

	mu      sync.Mutex
	last    int64
	waiting map[int64]chan<- bidiMessage
}

// bidiMessage is an answer or an event.
type bidiMessage struct {
	Type   string
	ID     int64
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  string
	Detail string `json:"message"`
}

// bidiError is a command that the browser refused.
type bidiError struct{ code, detail string }

func (e *bidiError) Error() string { return e.code + ": " + e.detail }

// dialBidi connects and reads until the connection ends. Events are given to
// onEvent in order; it must not block.
func dialBidi(ctx context.Context, address string, onEvent func(string, json.RawMessage)) (*bidi, error) {
	conn, _, err := websocket.Dial(ctx, address, nil)
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(-1) // screenshots
	c := &bidi{conn: conn, onEvent: onEvent, ended: make(chan struct{}), waiting: map[int64]chan<- bidiMessage{}}
	go c.read()
	return c, nil
}

func (c *bidi) read() {
	defer close(c.ended)
	for {
		_, data, err := c.conn.Read(context.Background())
		if err != nil {
			return
		}
		var m bidiMessage
		if json.Unmarshal(data, &m) != nil {
			continue
		}
		if m.Type == "event" {
			c.onEvent(m.Method, m.Params)
			continue
		}
		c.mu.Lock()
		answer := c.waiting[m.ID]
		delete(c.waiting, m.ID)
		c.mu.Unlock()
		if answer != nil {
			answer <- m
		}
	}
}

// call sends a command and decodes its result, unless result is nil.
func (c *bidi) call(ctx context.Context, method string, params, result any) error {
	m, err := c.exchange(ctx, method, params)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	if m.Type == "error" {
		return &bidiError{m.Error, m.Detail}
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(m.Result, result)
}

func (c *bidi) exchange(ctx context.Context, method string, params any) (bidiMessage, error) {
	answer := make(chan bidiMessage, 1)
	c.mu.Lock()
	c.last++
	id := c.last
	c.waiting[id] = answer
	c.mu.Unlock()
	data, err := json.Marshal(map[string]any{"id": id, "method": method, "params": params})
	if err == nil {
		// Not with ctx: the library would end the connection with it.
		err = c.conn.Write(context.Background(), websocket.MessageText, data)
	}
	if err == nil {
		select {
		case m := <-answer:
			return m, nil
		case <-c.ended:
			err = fmt.Errorf("the browser has ended")
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	c.mu.Lock()
	delete(c.waiting, id)
	c.mu.Unlock()
	return bidiMessage{}, err
}

// close ends the connection at once and waits for the reader.
func (c *bidi) close() {
	_ = c.conn.CloseNow()
	<-c.ended
}

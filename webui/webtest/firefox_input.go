package webtest

import (
	"context"
	"errors"
	"math"
)

func (d *firefox) press(ctx context.Context, at spot) error {
	move := object{"type": "pointerMove", "x": math.Floor(at.X), "y": math.Floor(at.Y)}
	if at.Element != "" {
		move["origin"] = object{"type": "element", "element": object{"sharedId": at.Element}}
	}
	return d.perform(ctx, object{
		"type": "pointer", "id": "mouse",
		"actions": []object{move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}},
	})
}

// Keys without a character, in WebDriver's code.
const firefoxControl = "\uE009"

var firefoxKeys = map[rune]string{'\b': "\uE003", '\t': "\uE004", '\n': "\uE006", '\r': "\uE006", '\x1b': "\uE00C"}

func (d *firefox) keys(ctx context.Context, text string) error {
	var actions []object
	for _, r := range text {
		key := string(r)
		if special, ok := firefoxKeys[r]; ok {
			key = special
		}
		actions = append(actions, object{"type": "keyDown", "value": key}, object{"type": "keyUp", "value": key})
	}
	return d.perform(ctx, object{"type": "key", "id": "keyboard", "actions": actions})
}

// selectAll selects the text of the focused field.
func (d *firefox) selectAll(ctx context.Context) error {
	return d.perform(ctx, object{"type": "key", "id": "keyboard", "actions": []object{
		{"type": "keyDown", "value": firefoxControl}, {"type": "keyDown", "value": "a"},
		{"type": "keyUp", "value": "a"}, {"type": "keyUp", "value": firefoxControl},
	}})
}

func (d *firefox) perform(ctx context.Context, source object) error {
	return d.bidi.call(ctx, "input.performActions", object{"context": d.page, "actions": []object{source}}, nil)
}

func (d *firefox) setFiles(ctx context.Context, selector string, paths []string) error {
	found, err := d.locate(ctx, selector, 0)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return errors.New("no such element")
	}
	return d.bidi.call(ctx, "input.setFiles", object{
		"context": d.page, "element": object{"sharedId": found[0].SharedID}, "files": paths,
	}, nil)
}

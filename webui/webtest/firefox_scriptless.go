package webtest

import (
	"context"
	"encoding/json"
	"strings"
)

// bidiNode is a node of the page as BiDi describes it, which works without
// scripts.
type bidiNode struct {
	SharedID string
	Value    struct {
		NodeType  int
		NodeValue string
		LocalName string
		Children  []bidiNode
	}
}

// locate finds the elements of a selector, with their descendants to a depth.
func (d *firefox) locate(ctx context.Context, selector string, depth int) ([]bidiNode, error) {
	var found struct{ Nodes []bidiNode }
	err := d.bidi.call(ctx, "browsingContext.locateNodes", object{
		"context": d.page, "locator": object{"type": "css", "value": selector},
		"serializationOptions": object{"maxDomDepth": depth},
	}, &found)
	return found.Nodes, err
}

// lookWithoutScript does what page.js does as far as it goes without scripts:
// an element that is there counts as shown, a text in the document as text.
// Such a page changes only by loading another, so a failed look waits for one.
func (d *firefox) lookWithoutScript(ctx context.Context, function, arg string) (sight, error) {
	var seen sight
	var err error
	switch function {
	case "text":
		seen, err = d.lookForText(ctx, arg)
	case "there", "shown", "hidden", "aim", "focus":
		seen, err = d.lookForElement(ctx, function, arg)
	case "landed": // the browser aims and presses in one step
		seen.Done = json.RawMessage(`"there"`)
	default:
		err = errScriptsOff
	}
	if err == nil && seen.Done == nil {
		select {
		case <-d.loads:
		case <-ctx.Done():
		}
		err = ctx.Err()
	}
	return seen, err
}

func (d *firefox) lookForText(ctx context.Context, text string) (sight, error) {
	body, err := d.locate(ctx, "body", 100)
	if err != nil {
		return sight{}, err
	}
	var all strings.Builder
	for _, n := range body {
		n.text(&all)
	}
	if strings.Contains(strings.Join(strings.Fields(all.String()), " "), text) {
		return sight{Done: json.RawMessage("true")}, nil
	}
	return sight{Why: "no such text"}, nil
}

// text collects the text of a node and those in it.
func (n *bidiNode) text(out *strings.Builder) {
	switch n.Value.LocalName {
	case "script", "style", "template":
		return
	}
	out.WriteString(n.Value.NodeValue)
	for i := range n.Value.Children {
		n.Value.Children[i].text(out)
	}
}

func (d *firefox) lookForElement(ctx context.Context, function, selector string) (sight, error) {
	found, err := d.locate(ctx, selector, 0)
	if err != nil {
		return sight{}, err
	}
	if function == "hidden" && len(found) > 0 {
		return sight{Why: "still there"}, nil
	}
	if function != "hidden" && len(found) == 0 {
		return sight{Why: "no such element"}, nil
	}
	at := spot{}
	if function != "hidden" {
		at.Element = found[0].SharedID
	}
	if function == "focus" && selector != ":focus" {
		if err := d.press(ctx, at); err != nil {
			return sight{}, err
		}
		if err := d.selectAll(ctx); err != nil {
			return sight{}, err
		}
	}
	done, err := json.Marshal(at)
	return sight{Done: done}, err
}

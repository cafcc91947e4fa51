// The cards of a list of messages.
import type { Entry, Item } from "../conversations";
import { Card, type CardActs } from "./card";

/** Cards by their messages, in the order given; those that stay keep their place and focus. */
export class Cards {
  private readonly cards = new Map<Item, Card>();

  constructor(
    private readonly list: HTMLElement,
    private readonly acts: CardActs,
  ) {}

  draw(entries: readonly Entry[]): void {
    entries.forEach((entry, i) => {
      const card = this.cards.get(entry.item) ?? new Card(entry, this.acts);
      this.cards.set(entry.item, card);
      card.draw(entry);
      if (this.list.children[i] !== card.root) this.list.insertBefore(card.root, this.list.children[i] ?? null);
    });
    while (this.list.children.length > entries.length) this.list.lastElementChild!.remove();
    for (const item of this.cards.keys()) if (!entries.some((e) => e.item === item)) this.cards.delete(item);
  }

  /** The messages that are selected. */
  selected(): Item[] {
    return [...this.cards].filter(([, card]) => card.selected).map(([item]) => item);
  }

  selectAll(): void {
    for (const card of this.cards.values()) card.selected = true;
  }

  clear(): void {
    this.cards.clear();
    this.list.replaceChildren();
  }
}

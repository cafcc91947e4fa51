// The rows of the list of conversations: a box to select, and a button to open.
import type { Group, Item } from "../conversations";
import { byId } from "../ui/dom";
import { moment, size } from "../ui/format";
import { groupName } from "../ui/partners";
import { count, say } from "../words";

interface Row {
  root: HTMLLIElement;
  group: Group;
}

export class Rows {
  private readonly list = byId("talks", HTMLElement);
  private readonly rows = new Map<string, Row>();

  constructor(private readonly open: (g: Group) => void) {}

  /** Rows that stay keep their place, their focus and whether they are selected. */
  draw(groups: readonly Group[]): void {
    groups.forEach((group, i) => {
      const row = this.rows.get(group.key) ?? this.make(group);
      this.rows.set(group.key, row);
      this.fill(row, group);
      if (this.list.children[i] !== row.root) this.list.insertBefore(row.root, this.list.children[i] ?? null);
    });
    while (this.list.children.length > groups.length) this.list.lastElementChild!.remove();
    for (const key of this.rows.keys()) if (!groups.some((g) => g.key === key)) this.rows.delete(key);
  }

  selected(): Item[] {
    const chosen = [...this.rows.values()].filter((r) => box(r).checked);
    return chosen.flatMap((r) => r.group.entries.map((e) => e.item));
  }

  selectAll(): void {
    for (const row of this.rows.values()) box(row).checked = row.group.entries.length > 0;
  }

  clear(): void {
    this.rows.clear();
    this.list.replaceChildren();
  }

  private make(group: Group): Row {
    const template = byId("talk-row", HTMLTemplateElement);
    const root = (template.content.cloneNode(true) as DocumentFragment).querySelector("li")!;
    const row = { root, group };
    root.querySelector(".open")!.addEventListener("click", () => this.open(row.group));
    return row;
  }

  private fill(row: Row, group: Group): void {
    row.group = group;
    const name = groupName(group);
    row.root.querySelector(".name")!.textContent = name;
    row.root.querySelector(".excerpt")!.textContent = excerpt(group);
    row.root.querySelector(".hint")!.textContent = about(group);
    box(row).setAttribute("aria-label", say("inbox.select", { name }));
    row.root.querySelector<HTMLElement>(".choices")!.hidden = group.entries.length === 0;
  }
}

function box(row: Row): HTMLInputElement {
  return row.root.querySelector("input")!;
}

/** The beginning of the newest text: a list of strangers must be worth a look. What only claims
 * to be from a conversation must not stand under its name. */
function excerpt(g: Group): string {
  const last = g.entries.filter((e) => e.verdict !== "stranger").at(-1);
  return (last?.item.letter?.text ?? "").slice(0, 80).replace(/\s+/g, " ");
}

function about(g: Group): string {
  const last = g.entries.at(-1)?.item;
  const parts = [count("inbox.messages", g.entries.length)];
  if (last?.letter) parts.push(say("inbox.newest", { time: moment(last.letter.head.time) }));
  else if (last) parts.push(size(last.size));
  if (g.entries.some((e) => e.verdict === "first")) parts.push(say("inbox.new"));
  if (g.entries.some((e) => e.verdict === "stranger")) parts.push(say("inbox.strangers"));
  return parts.join(" · ");
}

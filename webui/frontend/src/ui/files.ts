// The list of files a sender has chosen.
import type { Attachment } from "../format/container";
import { count, say } from "../words";
import { byId } from "./dom";
import { size } from "./format";

export class Files {
  private chosen: Attachment[] = [];
  private readonly list = byId("files", HTMLUListElement);

  constructor(private readonly changed: () => void) {
    const pick = byId("pick", HTMLInputElement);
    pick.addEventListener("change", () => {
      for (const f of pick.files ?? []) this.chosen.push({ name: f.name, blob: f });
      pick.value = ""; // the same file can be chosen again after it was removed
      this.draw();
    });
  }

  get all(): readonly Attachment[] {
    return this.chosen;
  }

  set(files: readonly Attachment[]): void {
    this.chosen = [...files];
    this.list.replaceChildren(...this.chosen.map((f) => this.row(f)));
    byId("files-state", HTMLElement).textContent = "";
  }

  private draw(): void {
    this.list.replaceChildren(...this.chosen.map((f) => this.row(f)));
    const total = this.chosen.reduce((sum, f) => sum + f.blob.size, 0);
    const n = this.chosen.length;
    byId("files-state", HTMLElement).textContent =
      n === 0 ? say("file.none") : count("file.added", n, { size: size(total) });
    this.changed();
  }

  private row(file: Attachment): HTMLLIElement {
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = say("file.remove");
    remove.setAttribute("aria-label", say("file.removeNamed", { name: file.name }));
    remove.addEventListener("click", () => {
      this.chosen = this.chosen.filter((f) => f !== file);
      this.draw();
      byId("pick", HTMLElement).focus();
    });
    const row = fileRow(file.name, file.blob.size);
    row.append(remove);
    return row;
  }
}

/** A line with a name and a size. The name is somebody else's text: its own direction. */
export function fileRow(name: string, bytes: number): HTMLLIElement {
  const row = document.createElement("li");
  const label = document.createElement("span");
  label.dir = "auto";
  label.className = "name";
  label.textContent = name;
  const weight = document.createElement("span");
  weight.className = "size";
  weight.textContent = size(bytes);
  row.append(label, weight);
  return row;
}

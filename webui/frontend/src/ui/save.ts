// Saving what a person got, or made.
import type { ReceivedFile } from "../format/unpack";
import { say } from "../words";
import { fileRow } from "./files";

/** A download, always as an octet stream: the browser must not open what it gets. */
export function save(name: string, chunks: Uint8Array<ArrayBuffer>[]): void {
  const url = URL.createObjectURL(new Blob(chunks, { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A line with a file and the button that saves it. */
export function savable(file: ReceivedFile, saved: () => void = () => undefined): HTMLLIElement {
  const press = document.createElement("button");
  press.type = "button";
  press.textContent = say("open.save");
  press.setAttribute("aria-label", say("open.saveNamed", { name: file.name }));
  press.addEventListener("click", () => {
    save(file.name, file.chunks);
    saved();
  });
  const line = fileRow(file.name, file.size);
  line.append(press);
  return line;
}

// The state of the service, for its operator.
import type { Status } from "../operator";
import { byId } from "../ui/dom";
import { minutes, size } from "../ui/format";
import { count, known, say, type Key } from "../words";

export function showFacts(s: Status): void {
  const rows: [Key, string][] = [
    ["operator.fact.state", s.state === "open" ? say("operator.state.open") : say("operator.state.locked", { cause: causeWords(s.cause ?? "") })],
    ["operator.fact.proof", s.verified ? count("operator.ago", minutes(s.now - s.verified)) : say("operator.never")],
    ["operator.fact.messages", say("operator.of", { n: s.messages, of: s.slots })],
    ["operator.fact.bytes", say("operator.of", { n: size(s.bytes), of: size(s.quota) })],
    ["operator.fact.filled", `${s.filled} %`],
    ["operator.fact.volatile", say(s.volatile ? "operator.yes" : "operator.no")],
  ];
  if (s.onion) rows.push(["operator.fact.onion", [s.onion.phase, s.onion.trouble, s.onion.advice].filter(Boolean).join(". ")]);
  const made = rows.flatMap(([key, value]) => [cell("dt", say(key)), cell("dd", value)]);
  byId("facts", HTMLElement).replaceChildren(...made);
}

export function causeWords(cause: string): string {
  return say(known(`operator.cause.${cause}`, "operator.cause.other"));
}

/** Whether the operator's word ends the lock; the other causes end by a maintenance. */
export function unlockable(cause: string): boolean {
  return cause === "fsync" || cause === "clock" || cause === "corruption";
}

function cell(kind: "dt" | "dd", text: string): HTMLElement {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

// The sender's page about one message: does it wait, is it being read, is it gone; destroy it.
import "../linkwords";
import { ApiError } from "../errors";
import { LinkError, parseControlLink, type ControlLink } from "../format/link";
import { wipe } from "../format/bytes";
import { persist } from "../retry";
import { button, byId, put, view } from "../ui/dom";
import { inSeconds, minutes, moment } from "../ui/format";
import { frame, onLeave, service, showLocked } from "../ui/frame";
import { api } from "../ui/service";
import { destroyButton } from "../ui/revoke";
import { takeFragment } from "../ui/fragment";
import { count, known, say } from "../words";

void frame(api);
start();

function start(): void {
  let link: ControlLink;
  try {
    link = parseControlLink(service + location.pathname + location.search + takeFragment(() => true));
  } catch (e) {
    put("bad-text", say(known(`bad.${(e as LinkError).fault}`, "bad.other")));
    view("bad");
    return;
  }
  onLeave(() => wipe(link.key));
  const ask = button("ask", () => void show(link, over));
  const destroy = destroyButton(
    () => link,
    () => {
      ask.disabled = true;
      put("now", "");
      put("until", "");
    },
  );
  const over = () => {
    ask.disabled = destroy.disabled = true;
    byId("destroy-ask", HTMLElement).hidden = true;
  };
  void show(link, over);
}

/** Asks what became of the message; `over` is called when nothing is left to ask or destroy. */
async function show(link: ControlLink, over: () => void): Promise<void> {
  put("now", say("state.asking"));
  put("until", "");
  try {
    const attempt = () => api.state(link.reference, link.key);
    const s = await persist(attempt, { waiting: (w) => put("now", say("wait.broken", { n: w.seconds })) });
    put("until", say("state.expires", { time: moment(inSeconds(s.expires_in)) }));
    const claimed = s.state === "claimed";
    if (s.reading !== "once") put("now", say(claimed ? "state.keepRead" : "state.keep"));
    else put("now", claimed ? count("state.claimed", minutes(s.lease)) : say("state.waiting"));
  } catch (e) {
    const code = e instanceof ApiError ? e.code : "protocol";
    if (code === "locked") showLocked();
    if (code === "gone") over();
    put("now", code === "gone" ? say("state.gone") : code === "locked" ? "" : say("revoke.failed"));
  }
}

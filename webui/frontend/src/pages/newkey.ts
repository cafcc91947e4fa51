// A new key, saved by the person before anything is done with it.
import type { Bytes } from "../format/bytes";
import { generatedPassphrase } from "../format/fingerprint";
import type { Identity } from "../format/identity";
import { inboxAddress } from "../format/inbox";
import { writeKeyFile } from "../format/keyfile";
import { copy } from "../ui/copy";
import { button, byId, put, view } from "../ui/dom";
import { onLeave, service, stayWhile } from "../ui/frame";
import { save } from "../ui/save";
import { say } from "../words";

/** Shows the key file and its passphrase; `saved` is called when the person has both. */
export async function saveKey(identity: Identity, id: Bytes, saved: () => void): Promise<void> {
  const words = byId("key-words", HTMLTextAreaElement);
  words.value = await generatedPassphrase();
  const address = inboxAddress({ service, id, alias: "" });
  const file = await writeKeyFile(identity, address, words.value);
  let downloaded = false;
  let done = false;
  button("save-key", () => {
    save("ashpost-key.txt", [file]);
    downloaded = true;
    put("key-saved", say("inbox.keySaved"));
    put("made-problem", "");
  });
  button("copy-key-words", () => {
    put("key-words-copied", "");
    void copy(words.value, words).then((ok) => put("key-words-copied", say(ok ? "inbox.passphraseCopied" : "copy.failed")));
  });
  button("saved", () => {
    if (!downloaded) {
      put("made-problem", say("inbox.saveFirst"));
      byId("save-key", HTMLElement).focus();
      return;
    }
    done = true;
    words.value = "";
    file.fill(0);
    saved();
  });
  stayWhile(() => !done);
  onLeave(() => (words.value = ""));
  view("made");
}

// Copying. Always beside a field where the same text can be selected by hand.

/** Copies a text. If the browser cannot, the text is left selected in `field`: returns false. */
export async function copy(text: string, field: HTMLTextAreaElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard outside secure contexts, which an http onion is not in every browser.
  }
  const before = { hidden: field.hidden, value: field.value };
  const pressed = document.activeElement;
  field.hidden = false;
  field.value = text;
  field.focus();
  field.select();
  const done = document.execCommand("copy");
  if (done) {
    Object.assign(field, before);
    if (pressed instanceof HTMLElement) pressed.focus();
  }
  return done;
}

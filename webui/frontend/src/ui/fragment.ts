// The secret part of the link leaves the address bar as soon as the script runs: it must not
// be seen over a shoulder, copied by accident or sit in a tab that is shown again.

/** Takes the fragment out of the address. Pasting a link to the same page only changes the
 * fragment; then the page starts anew, if `restart` says that nothing would be lost. */
export function takeFragment(restart: () => boolean): string {
  const fragment = location.hash;
  const bare = location.pathname + location.search;
  history.replaceState(null, "", bare);
  addEventListener("hashchange", () => {
    if (restart()) location.reload();
    else history.replaceState(null, "", bare);
  });
  return fragment;
}

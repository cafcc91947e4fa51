// Sizes and times for people.
import { count, language, say } from "../words";

export function size(bytes: number): string {
  const number = (n: number) =>
    new Intl.NumberFormat(language(), { maximumFractionDigits: n < 10 ? 1 : 0 }).format(n);
  if (bytes < 1000) return count("size.bytes", bytes);
  if (bytes < 1e6) return say("size.kb", { n: number(bytes / 1e3) });
  if (bytes < 1e9) return say("size.mb", { n: number(bytes / 1e6) });
  return say("size.gb", { n: number(bytes / 1e9) });
}

/** The size of a limit, rounded down: what is said to fit must fit. */
export function atMost(bytes: number): string {
  return size(bytes < 1e6 ? bytes : Math.floor(bytes / 1e6) * 1e6);
}

/** A moment, always with its time zone, and with its year unless that is this one: a writer's
 * clock can say anything. Tor Browser says it is in UTC wherever it is, by the
 * name of a place that keeps this time; so what agrees with UTC is called that. */
export function moment(seconds: number): string {
  const at = new Date(seconds * 1000);
  const utc = at.getTimezoneOffset() === 0;
  const parts: Intl.DateTimeFormatOptions = {
    weekday: "long", day: "numeric", month: "long",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
    ...(at.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" }),
    ...(utc ? { timeZone: "UTC" } : {}),
  };
  return new Intl.DateTimeFormat(language(), parts).format(seconds * 1000);
}

export function minutes(seconds: number): number {
  return Math.max(1, Math.round(seconds / 60));
}

export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** A day as the notebook writes it, YYYY-MM-DD. */
export function day(iso: string): string {
  const parts: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  return new Intl.DateTimeFormat(language(), parts).format(Date.parse(iso));
}

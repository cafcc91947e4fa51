// The service's refusals, as the wire contract names them.

export type Code =
  | "bad_request" | "not_age" | "gone" | "not_found" | "method" | "incomplete" | "conflict"
  | "length_required" | "too_large" | "unsupported" | "range" | "busy" | "internal" | "locked"
  | "full" | "not_allowed"
  | "replaced" // the notebook is another one by now
  | "protocol" // an answer that makes no sense
  | "swapped"; // keys that are not those of the inbox's address

export class ApiError extends Error {
  constructor(
    readonly code: Code,
    readonly retryAfter = 0,
  ) {
    super(`service: ${code}`);
    this.name = "ApiError";
  }
}

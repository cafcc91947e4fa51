// The service as the pages speak to it: through a channel.
import { Api } from "../api";
import { channelTransport } from "../channel";
import { browserTransport } from "../transport";

/** The way to the service itself, which channels and owner sessions are made over. */
export const base = browserTransport("");

export const anonymous = channelTransport(base, location.host);

export const api = new Api(anonymous);

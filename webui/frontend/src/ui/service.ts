// The service as the pages speak to it: through a channel.
import { Api } from "../api";
import { channelTransport } from "../channel";
import { browserTransport } from "../transport";

export const api = new Api(channelTransport(browserTransport(""), location.host));

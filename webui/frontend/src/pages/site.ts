// Pages that only have the frame.
import { Api } from "../api";
import { browserTransport } from "../transport";
import { frame } from "../ui/frame";

void frame(new Api(browserTransport("")));

// Pages that only have the frame.
import { frame } from "../ui/frame";

void frame();

// EFF's list of 1,296 words, from the one place where the whole project has it. Loaded late.
import words from "../../../../cmd/ashpost/internal/seal/words.txt";

export const list = words.trim().split("\n");

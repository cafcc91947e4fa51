// Padmé (PURBs, PoPETs 2019): lengths are rounded up so that they tell at most
// log log n bits, for at most 12 % more. Small messages all look alike: the floor is 8 KiB.
const floor = 8192;

export function padded(length: number): number {
  if (length <= floor) return floor;
  const exponent = log2(length);
  const keep = log2(exponent) + 1;
  // Not a bit mask: JavaScript's bit operators end at 32 bits.
  const step = 2 ** (exponent - keep);
  return Math.ceil(length / step) * step;
}

/** floor(log2 n), exact: Math.log2 may round up just below a power of two. */
function log2(n: number): number {
  let e = 0;
  while (2 ** (e + 1) <= n) e++;
  return e;
}

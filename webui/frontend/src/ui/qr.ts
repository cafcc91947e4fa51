// The link as a QR code, drawn in the page: a server that draws it would learn the token.
// One path in an inline SVG; no canvas, which Tor Browser guards, and no image.
import encodeQR from "qr";

const svg = "http://www.w3.org/2000/svg";
const quiet = 4;

export function draw(text: string, label: string): SVGSVGElement {
  const rows = encodeQR(text, "raw", { ecc: "low", border: quiet });
  let path = "";
  rows.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (dark) path += `M${x} ${y}h1v1h-1z`;
    }),
  );
  const image = document.createElementNS(svg, "svg");
  image.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  image.setAttribute("class", "qr");
  image.setAttribute("role", "img");
  image.setAttribute("aria-label", label);
  image.setAttribute("shape-rendering", "crispEdges");
  const dots = document.createElementNS(svg, "path");
  dots.setAttribute("d", path);
  image.append(dots);
  return image;
}

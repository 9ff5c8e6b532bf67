const WIDTH = 640;
const HEIGHT = 360;
const MARGIN = 48;

/** A picture of a loss curve, as SVG: the loss of each step, faint, and its running mean. */
export function lossCurve(losses: readonly number[], title: string): string {
  const highest = Math.max(...losses, 1e-9);
  const x = (step: number): string =>
    (MARGIN + ((WIDTH - 2 * MARGIN) * step) / Math.max(losses.length - 1, 1)).toFixed(1);
  const y = (loss: number): string => (HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * loss) / highest).toFixed(1);
  const points = (values: readonly number[]): string => values.map((value, step) => `${x(step)},${y(value)}`).join(' ');
  let mean = losses[0] ?? 0;
  const smooth = losses.map((loss) => {
    mean = 0.95 * mean + 0.05 * loss;
    return mean;
  });
  const rules = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = y(part * highest);
    const label = (part * highest).toFixed(2);
    return `<line x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="${at}" y2="${at}" stroke="#ddd"/><text x="${MARGIN - 6}" y="${at}" text-anchor="end" dominant-baseline="middle">${label}</text>`;
  });
  const steps = [0, 0.5, 1].map((part) => {
    const step = Math.round(part * (losses.length - 1));
    return `<text x="${x(step)}" y="${HEIGHT - MARGIN + 18}" text-anchor="middle">${step}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${WIDTH / 2}" y="24" text-anchor="middle" font-size="15">${title}</text>
${[...rules, ...steps].join('\n')}
<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">step</text>
<polyline fill="none" stroke="#9ecae1" points="${points(losses)}"/>
<polyline fill="none" stroke="#08519c" stroke-width="2" points="${points(smooth)}"/>
</svg>
`;
}

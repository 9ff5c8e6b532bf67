import type { Tensor } from '../tensor.js';

/** The loss somewhere on the line, with its gradient and its slope along the line. */
export interface LinePoint {
  readonly loss: number;
  readonly grad: Tensor;
  readonly slope: number;
}

interface BracketEnd extends LinePoint {
  readonly by: number;
}

/** Where the cubic through two points with the given slopes is least, within the bounds; their middle if it has no minimum. */
function cubicMinimum(a: BracketEnd, b: BracketEnd, bounds: readonly [number, number] | null = null): number {
  const [low, high] = bounds ?? (a.by <= b.by ? [a.by, b.by] : [b.by, a.by]);
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.by - b.by);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const [near, far] = a.by <= b.by ? [a, b] : [b, a];
  const at = far.by - (far.by - near.by) * ((far.slope + d2 - d1) / (far.slope - near.slope + 2 * d2));
  return Math.min(Math.max(at, low), high);
}

const SUFFICIENT = 1e-4;
const FLAT = 0.9;
const MOST_STEPS = 25;

/**
 * A line search for a point that satisfies the strong Wolfe conditions: it brackets an interval that must have one, then
 * narrows it. (Nocedal and Wright, Numerical Optimization, algorithms 3.5 and 3.6.)
 *
 * @param evaluate the loss at a distance along the line
 * @param by the first distance to try
 * @param length the largest element of the direction
 */
export function strongWolfe(
  evaluate: (by: number) => LinePoint,
  by: number,
  start: LinePoint,
  length: number,
  toleranceChange: number,
): { readonly point: LinePoint; readonly by: number; readonly evaluations: number } {
  const origin: BracketEnd = { ...start, by: 0 };
  const isTooHigh = (point: BracketEnd): boolean => point.loss > start.loss + SUFFICIENT * point.by * start.slope;
  const isFlat = (point: BracketEnd): boolean => Math.abs(point.slope) <= -FLAT * start.slope;

  let evaluations = 0;
  const at = (distance: number): BracketEnd => {
    evaluations++;
    return { ...evaluate(distance), by: distance };
  };
  let previous = origin;
  let point = at(by);
  let bracket: [BracketEnd, BracketEnd] | null = null;
  let steps = 0;
  for (; steps < MOST_STEPS; steps++) {
    if (isTooHigh(point) || (steps > 1 && point.loss >= previous.loss)) {
      bracket = [previous, point];
      break;
    }
    if (isFlat(point)) return { point, by: point.by, evaluations };
    if (point.slope >= 0) {
      bracket = [previous, point];
      break;
    }
    const next = cubicMinimum(previous, point, [point.by + 0.01 * (point.by - previous.by), point.by * 10]);
    previous = point;
    point = at(next);
  }
  bracket ??= [origin, point];

  let isStuck = false;
  let low = bracket[0].loss <= bracket[1].loss ? 0 : 1;
  for (; steps < MOST_STEPS; steps++) {
    const [a, b] = bracket;
    if (Math.abs(b.by - a.by) * length < toleranceChange) break;
    const least = Math.min(a.by, b.by);
    const most = Math.max(a.by, b.by);
    let next = cubicMinimum(a, b);
    // A trial at the very edge twice in a row makes no progress: take it a tenth of the way inside.
    const margin = 0.1 * (most - least);
    if (Math.min(most - next, next - least) < margin) {
      if (isStuck || next >= most || next <= least) {
        next = Math.abs(next - most) < Math.abs(next - least) ? most - margin : least + margin;
        isStuck = false;
      } else isStuck = true;
    } else isStuck = false;

    const tried = at(next);
    if (isTooHigh(tried) || tried.loss >= bracket[low]!.loss) {
      bracket[1 - low] = tried;
      low = bracket[0].loss <= bracket[1].loss ? 0 : 1;
      continue;
    }
    if (isFlat(tried)) return { point: tried, by: tried.by, evaluations };
    if (tried.slope * (bracket[1 - low]!.by - bracket[low]!.by) >= 0) bracket[1 - low] = bracket[low]!;
    bracket[low] = tried;
  }
  const best = bracket[low]!;
  return { point: best, by: best.by, evaluations };
}

/** The text of a progress bar, in tqdm's form. */
import { exponential, fixed, floatRepr } from '../pythonNumber.js';

export interface ProgressState {
  /** Items done. */
  readonly n: number;
  /** Items in all, if known. */
  readonly total: number | null;
  /** Seconds since the start. */
  readonly elapsed: number;
  /** Items a second, if known. */
  readonly rate: number | null;
  readonly description: string;
  readonly postfix: string;
  readonly unit: string;
  /** Shorten counts, `12.3k`. */
  readonly unitScale: boolean;
  /** Characters the line may take; null: a bar of ten. */
  readonly columns: number | null;
  readonly ascii: boolean;
}

const BLOCKS = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const DIGITS = [' ', '1', '2', '3', '4', '5', '6', '7', '8', '9', '#'];

/** `mm:ss`, or `h:mm:ss` from an hour on. */
export function formatInterval(seconds: number): string {
  const whole = Math.max(0, Math.trunc(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** Three digits and a letter: `1.23k`. */
export function formatScaled(value: number): string {
  let number = value;
  for (const letter of ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z']) {
    const magnitude = Math.abs(number);
    if (magnitude < 999.5) return fixed(number, magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0) + letter;
    number /= 1000;
  }
  return `${fixed(number, 1)}Y`;
}

/** A number in three significant digits, where that is shorter than the number itself. */
export function formatNumber(value: number): string {
  const whole = Number.isInteger(value) ? String(value) : floatRepr(value);
  const short = general(value).replace('e+0', 'e+').replace('e-0', 'e-');
  return short.length < whole.length ? short : whole;
}

/** Python's `{:.3g}`. */
function general(value: number): string {
  if (!Number.isFinite(value) || value === 0) return fixed(value, 0);
  const text = exponential(value, 2);
  const exponent = Number(text.slice(text.indexOf('e') + 1));
  const trim = (digits: string): string => (digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits);
  if (exponent < -4 || exponent >= 3) return trim(text.slice(0, text.indexOf('e'))) + text.slice(text.indexOf('e'));
  return trim(fixed(value, 2 - exponent));
}

function formatRate(rate: number | null, unit: string, unitScale: boolean): string {
  if (rate === null) return `?${unit}/s`;
  const inverse = rate > 0 && rate < 1;
  const shown = inverse ? 1 / rate : rate;
  const number = unitScale ? formatScaled(shown) : fixed(shown, 2).padStart(5);
  return inverse ? `${number}s/${unit}` : `${number}${unit}/s`;
}

function formatBar(fraction: number, width: number, ascii: boolean): string {
  const symbols = ascii ? DIGITS : BLOCKS;
  const steps = symbols.length - 1;
  const filled = Math.trunc(Math.min(1, Math.max(0, fraction)) * width * steps);
  const whole = Math.floor(filled / steps);
  const bar = symbols[steps]!.repeat(whole);
  return whole < width ? bar + symbols[filled % steps]! + ' '.repeat(width - whole - 1) : bar;
}

/** `train:  37%|███▋      | 37/100 [00:03<00:06, 10.00it/s, loss=0.12]`. */
export function formatProgress(state: ProgressState): string {
  const { n, elapsed, unit, unitScale, columns } = state;
  // A total of nothing, or one that was passed, tells nothing.
  const total = state.total !== null && state.total > 0 && n < state.total + 0.5 ? state.total : null;
  const rate = state.rate ?? (elapsed > 0 && n > 0 ? n / elapsed : null);
  const count = (value: number): string => (unitScale ? formatScaled(value) : String(value));
  const prefix = state.description === '' ? '' : `${state.description}: `;
  const postfix = state.postfix === '' ? '' : `, ${state.postfix}`;
  const speed = formatRate(rate, unit, unitScale) + postfix;
  if (total === null) return cut(`${prefix}${count(n)}${unit} [${formatInterval(elapsed)}, ${speed}]`, columns);
  const fraction = n / total;
  const remaining = rate === null ? '?' : formatInterval((total - n) / rate);
  const left = `${prefix}${fixed(fraction * 100, 0).padStart(3)}%|`;
  const right = `| ${count(n)}/${count(total)} [${formatInterval(elapsed)}<${remaining}, ${speed}]`;
  const width = columns === null ? 10 : Math.max(1, columns - left.length - right.length);
  return cut(left + formatBar(fraction, width, state.ascii) + right, columns);
}

function cut(line: string, columns: number | null): string {
  return columns !== null && line.length > columns ? line.slice(0, columns) : line;
}

import { rangeError, typeError } from '../errors.js';
import { describe } from '../shape.js';
import { formatNumber, formatProgress } from './progressFormat.js';

/** Where a bar is drawn: process.stderr, or anything like it. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What the bar shows, and where. */
export interface ProgressOptions {
  /** What stands in front of the bar. */
  desc?: string;
  /** How many items there are; taken from the iterable's length or size where it has one. */
  total?: number | null;
  /** What an item is called. */
  unit?: string;
  /** Shorten counts, `12.3k`. */
  unitScale?: boolean;
  /** Keep the last line when done. */
  leave?: boolean;
  /** Seconds between two drawings, at least. */
  mininterval?: number;
  /** Seconds between two plain lines, where the stream is no terminal. */
  lineInterval?: number;
  /** Characters a line; by default the terminal's width. */
  ncols?: number;
  /** Only ASCII in the bar. */
  ascii?: boolean;
  /** How much the last moments count in the rate: 0 is the average, 1 only the last interval. */
  smoothing?: number;
  /** Items done before. */
  initial?: number;
  /** What stands after the rate: see {@link Progress.setPostfix}. */
  postfix?: Record<string, unknown>;
  /** Draw nothing. */
  disable?: boolean;
  /** Where to draw: process.stderr by default. */
  file?: ProgressStream;
}

/** A running average that forgets, corrected for its start. */
class Average {
  #last = 0;
  #missing = 1;
  constructor(readonly smoothing: number) {}

  add(value: number): void {
    this.#last = this.smoothing * value + (1 - this.smoothing) * this.#last;
    this.#missing *= 1 - this.smoothing;
  }

  get value(): number {
    return this.#missing === 1 ? 0 : this.#last / (1 - this.#missing);
  }
}

/**
 * A progress bar around a loop, in tqdm's form: `epoch:  37%|███▋      | 37/100 [00:03<00:06, 10.00it/s, loss=0.12]`.
 *
 * Made by {@link progress}. It draws on stderr: a bar that moves on a terminal, else a plain line now and then.
 */
export class Progress<T = never> implements Iterable<T>, AsyncIterable<T>, Disposable {
  /** Items done. */
  n: number;
  /** Items in all; null if unknown. */
  total: number | null;
  readonly #items: Iterable<T> | AsyncIterable<T> | null;
  readonly #options: Required<Omit<ProgressOptions, 'postfix' | 'ncols' | 'total'>> & { ncols: number | null };
  readonly #began = performance.now();
  readonly #interactive: boolean;
  #description: string;
  #postfix = '';
  #drawn = Number.NEGATIVE_INFINITY;
  #drawnCount: number;
  #drawnLength = 0;
  #counts: Average;
  #seconds: Average;
  #closed = false;

  constructor(items: Iterable<T> | AsyncIterable<T> | null, options: ProgressOptions) {
    const stream = options.file ?? process.stderr;
    const { smoothing = 0.3, initial = 0, mininterval = 0.1, lineInterval = 10, ncols } = options;
    if (!(smoothing >= 0 && smoothing <= 1)) throw rangeError(`progress: smoothing is ${smoothing}; give 0 to 1.`);
    this.#options = {
      desc: options.desc ?? '',
      unit: options.unit ?? 'it',
      unitScale: options.unitScale ?? false,
      leave: options.leave ?? true,
      mininterval,
      lineInterval,
      ncols: ncols ?? null,
      ascii: options.ascii ?? false,
      smoothing,
      initial,
      disable: options.disable ?? false,
      file: stream,
    };
    this.#items = items;
    this.total = checkTotal(options.total ?? lengthOf(items));
    this.n = initial;
    this.#drawnCount = initial;
    this.#description = this.#options.desc;
    this.#counts = new Average(smoothing);
    this.#seconds = new Average(smoothing);
    this.#interactive = stream.isTTY === true;
    if (options.postfix !== undefined) this.#postfix = postfixText(options.postfix);
    if (this.#interactive) this.refresh();
    else this.#drawn = this.#began;
  }

  /** Counts `n` more items done, and draws if it is time to. */
  update(n = 1): void {
    this.n += n;
    if (this.#options.disable || this.#closed) return;
    const now = performance.now();
    const wait = this.#interactive ? this.#options.mininterval : this.#options.lineInterval;
    if (now - this.#drawn >= wait * 1000) this.#draw(now);
  }

  /**
   * Shows values after the rate: numbers in three digits, anything else as text.
   *
   * @example bar.setPostfix({ loss: loss.item(), lr: 0.01 })
   */
  setPostfix(values: Record<string, unknown>): void {
    this.#postfix = postfixText(values);
  }

  /** Changes what stands in front of the bar. */
  setDescription(text: string): void {
    this.#description = text;
  }

  /** Draws now. */
  refresh(): void {
    if (!this.#options.disable && !this.#closed) this.#draw(performance.now());
  }

  /** Prints a line above the bar. */
  write(text: string): void {
    if (this.#interactive && !this.#options.disable && !this.#closed) this.#clear();
    this.#options.file.write(`${text}\n`);
    if (this.#interactive) this.refresh();
  }

  /** Draws the last state and ends the line. Loops do it by themselves. */
  close(): void {
    if (this.#closed) return;
    if (!this.#options.disable) {
      const line = this.#line(performance.now(), null);
      if (!this.#interactive) this.#options.file.write(`${line}\n`);
      else if (this.#options.leave) this.#options.file.write(`\r${this.#padded(line)}\n`);
      else this.#clear();
    }
    this.#closed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  *[Symbol.iterator](): Generator<T> {
    const items = this.#items as Iterable<T> | null;
    if (items === null || typeof items[Symbol.iterator] !== 'function') {
      throw typeError('progress: there is nothing to loop over synchronously; use for await, or update().');
    }
    try {
      for (const item of items) {
        yield item;
        this.update();
      }
    } finally {
      this.close();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    if (this.#items === null) throw typeError('progress: there is nothing to loop over; use update().');
    try {
      for await (const item of this.#items) {
        yield item;
        this.update();
      }
    } finally {
      this.close();
    }
  }

  #draw(now: number): void {
    const seconds = (now - Math.max(this.#drawn, this.#began)) / 1000;
    if (this.n !== this.#drawnCount && seconds > 0) {
      this.#counts.add(this.n - this.#drawnCount);
      this.#seconds.add(seconds);
      this.#drawnCount = this.n;
    }
    this.#drawn = now;
    const recent = this.#seconds.value > 0 ? this.#counts.value / this.#seconds.value : null;
    const line = this.#line(now, recent);
    this.#options.file.write(this.#interactive ? `\r${this.#padded(line)}` : `${line}\n`);
  }

  /** The text now; without a rate of the last moments, with the average. */
  #line(now: number, rate: number | null): string {
    const elapsed = (now - this.#began) / 1000;
    const { unit, unitScale, ascii, ncols, file, initial } = this.#options;
    const done = this.n - initial;
    return formatProgress({
      n: this.n,
      total: this.total,
      elapsed,
      rate: rate ?? (done > 0 && elapsed > 0 ? done / elapsed : null),
      description: this.#description,
      postfix: this.#postfix,
      unit,
      unitScale,
      columns: ncols ?? (this.#interactive ? file.columns || null : null),
      ascii,
    });
  }

  /** Blanks behind a line that became shorter. */
  #padded(line: string): string {
    const padded = line.padEnd(this.#drawnLength);
    this.#drawnLength = line.length;
    return padded;
  }

  #clear(): void {
    this.#options.file.write(`\r${' '.repeat(this.#drawnLength)}\r`);
    this.#drawnLength = 0;
  }
}

function lengthOf(items: unknown): number | null {
  if (items === null || typeof items !== 'object') return null;
  const { length, size } = items as { length?: unknown; size?: unknown };
  if (typeof length === 'number') return length;
  return typeof size === 'number' ? size : null;
}

function checkTotal(total: number | null): number | null {
  if (total === null || total === Number.POSITIVE_INFINITY) return null;
  if (typeof total !== 'number' || !(total >= 0))
    throw rangeError(`progress: total is ${describe(total)}; give a number ≥ 0.`);
  return total;
}

function postfixText(values: Record<string, unknown>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${typeof value === 'number' ? formatNumber(value) : String(value).trim()}`)
    .join(', ');
}

function* range(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i;
}

/**
 * A progress bar around a loop, in tqdm's form.
 *
 * Over an iterable (for … of, or for await over an asynchronous one) it counts by itself; over a number it gives 0, 1,
 * 2, …; with options alone, `update()` counts and `close()` ends it.
 *
 * @example
 * const bar = progress(loader, { desc: `epoch ${epoch}` });
 * for (const [x, y] of bar) {
 *   …
 *   bar.setPostfix({ loss: loss.item() });
 * }
 *
 * @throws RangeError for a negative total
 */
export function progress<T>(items: Iterable<T> | AsyncIterable<T>, options?: ProgressOptions): Progress<T>;
export function progress(count: number, options?: ProgressOptions): Progress<number>;
export function progress(options?: ProgressOptions): Progress<never>;
export function progress<T>(
  items: Iterable<T> | AsyncIterable<T> | number | ProgressOptions = {},
  options: ProgressOptions = {},
): Progress<T> | Progress<number> | Progress<never> {
  if (typeof items === 'number') {
    const count = checkTotal(items);
    if (count === null || !Number.isInteger(count)) throw rangeError(`progress: ${items} is not a whole number ≥ 0.`);
    return new Progress(range(count), { total: count, ...options });
  }
  if (isIterable<T>(items)) return new Progress(items, options);
  if (typeof items !== 'object' || items === null) {
    throw typeError(`progress: ${describe(items)} cannot be looped over; give an iterable, a number or options.`);
  }
  return new Progress<never>(null, items);
}

function isIterable<T>(value: unknown): value is Iterable<T> | AsyncIterable<T> {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null) return false;
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}

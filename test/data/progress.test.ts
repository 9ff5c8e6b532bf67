import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Progress, type ProgressOptions, type ProgressStream, progress } from '../../src/data/progress.js';
import { formatNumber, formatProgress, formatScaled, type ProgressState } from '../../src/data/progressFormat.js';

const blank: ProgressState = {
  n: 0,
  total: null,
  elapsed: 0,
  rate: null,
  description: '',
  postfix: '',
  unit: 'it',
  unitScale: false,
  columns: null,
  ascii: false,
};

// What tqdm 4.64 makes of the same values.
describe("the line is tqdm's", () => {
  test.each<[Partial<ProgressState>, string]>([
    [{ n: 0, total: 100 }, '  0%|          | 0/100 [00:00<?, ?it/s]'],
    [{ n: 37, total: 100, elapsed: 3.7 }, ' 37%|███▋      | 37/100 [00:03<00:06, 10.00it/s]'],
    [{ n: 100, total: 100, elapsed: 10 }, '100%|██████████| 100/100 [00:10<00:00, 10.00it/s]'],
    [{ n: 101, total: 100, elapsed: 10 }, '101it [00:10, 10.10it/s]'],
    [{ n: 5, elapsed: 2.5 }, '5it [00:02,  2.00it/s]'],
    [{ n: 0 }, '0it [00:00, ?it/s]'],
    [{ n: 0, total: 0 }, '0it [00:00, ?it/s]'],
    [{ n: 1, total: 10, elapsed: 30, columns: 60 }, ' 10%|██▍                     | 1/10 [00:30<04:30, 30.00s/it]'],
    [
      { n: 333, total: 1000, elapsed: 4000, columns: 80, description: 'train' },
      'train:  33%|█████████▋                   | 333/1000 [1:06:40<2:13:32, 12.01s/it]',
    ],
    [
      { n: 333, total: 1000, elapsed: 4000, columns: 80, description: 'train', postfix: 'loss=0.12', rate: 2.5 },
      'train:  33%|██████▋             | 333/1000 [1:06:40<04:26,  2.50it/s, loss=0.12]',
    ],
    [
      { n: 12345, total: 1e6, elapsed: 10, unitScale: true, columns: 70 },
      '  1%|▎                          | 12.3k/1.00M [00:10<13:20, 1.23kit/s]',
    ],
    [
      { n: 33, total: 100, elapsed: 1, ascii: true, columns: 55 },
      ' 33%|#####6           | 33/100 [00:01<00:02, 33.00it/s]',
    ],
    [{ n: 1, total: 3, elapsed: 1, unit: 'batch', columns: 20 }, ' 33%|▎| 1/3 [00:01<0'],
    [
      { n: 2, total: 3, elapsed: 172800, columns: 79 },
      ' 67%|███████████████████████▎           | 2/3 [48:00:00<24:00:00, 86400.00s/it]',
    ],
  ])('%o', (state, line) => {
    expect(formatProgress({ ...blank, ...state })).toBe(line);
  });

  test('numbers', () => {
    expect(
      [0.123456, 1e-5, 1234567, 12, 0.5, 1e10, 100, 3, 1234.5678, 0.1, Number.NaN, 1e-10].map(formatNumber),
    ).toEqual(['0.123', '1e-5', '1234567', '12', '0.5', '1e+10', '100', '3', '1.23e+3', '0.1', 'nan', '1e-10']);
    expect([0, 9.994, 9.996, 99.94, 99.96, 999.4, 999.6, 12345, 1e6, 1.5e27].map(formatScaled)).toEqual([
      '0.00',
      '9.99',
      '10.0',
      '99.9',
      '100',
      '999',
      '1.00k',
      '12.3k',
      '1.00M',
      '1500.0Y',
    ]);
  });
});

describe('a loop', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  class Screen implements ProgressStream {
    text = '';
    constructor(
      readonly isTTY: boolean,
      readonly columns = 60,
    ) {}
    write(text: string): void {
      this.text += text;
    }
    /** What a terminal shows after carriage returns. */
    get shown(): string[] {
      return this.text.split('\n').map((line) => {
        let shown = '';
        for (const part of line.split('\r')) shown = part + shown.slice(part.length);
        return shown.trimEnd();
      });
    }
  }

  const later = (milliseconds: number): void => {
    vi.advanceTimersByTime(milliseconds);
  };

  test('on a terminal, one line that moves', () => {
    const screen = new Screen(true);
    const seen: number[] = [];
    for (const x of progress([5, 6, 7, 8], { desc: 'items', file: screen })) {
      seen.push(x);
      later(500);
    }
    expect(seen).toEqual([5, 6, 7, 8]);
    expect(screen.text.split('\r').length).toBe(1 + 1 + 4 + 1);
    expect(screen.shown).toEqual(['items: 100%|██████████████████| 4/4 [00:02<00:00,  2.00it/s]', '']);
    expect(screen.text.split('\r')[1]).toMatch(/^items: {3}0%\| *\| 0\/4 \[00:00<\?, \?it\/s\]$/);
  });

  test('fast loops are drawn now and then only', () => {
    const screen = new Screen(true);
    for (const _ of progress(10_000, { file: screen })) later(0.1);
    expect(screen.text.split('\r').length).toBeLessThan(15);
    expect(screen.shown[0]).toContain('10000/10000');
  });

  test('without a terminal, plain lines', () => {
    const screen = new Screen(false);
    for (const _ of progress(25, { file: screen })) later(1000);
    expect(screen.text).toBe(
      [
        ' 40%|████      | 10/25 [00:10<00:15,  1.00s/it]',
        ' 80%|████████  | 20/25 [00:20<00:05,  1.00s/it]',
        '100%|██████████| 25/25 [00:25<00:00,  1.00s/it]',
        '',
      ]
        .join('\n')
        .replaceAll(' 1.00s/it', ' 1.00it/s'),
    );
  });

  test('the postfix and the description', () => {
    const screen = new Screen(false);
    const bar = progress([1, 2], { file: screen, desc: 'a', postfix: { loss: 0.123456 } });
    for (const x of bar) {
      later(1000);
      if (x === 2) {
        bar.setPostfix({ loss: 1 / 3, step: 2, note: ' ok ' });
        bar.setDescription('b');
      }
    }
    expect(screen.text).toBe('b: 100%|██████████| 2/2 [00:02<00:00,  1.00it/s, loss=0.333, step=2, note=ok]\n');
  });

  test('the rate follows the last moments, the final line gives the average', () => {
    const screen = new Screen(true, 80);
    const bar = progress({ total: 200, file: screen });
    for (let i = 0; i < 10; i++) {
      later(1000);
      bar.update();
    }
    for (let i = 0; i < 10; i++) {
      later(1000);
      bar.update(10);
    }
    const rate = (line: string): number => Number(/([\d.]+)it\/s/.exec(line)![1]);
    expect(rate(screen.shown[0]!)).toBeGreaterThan(9.5);
    bar.close();
    expect(rate(screen.shown[0]!)).toBe(5.5);
    bar.update(5);
    bar.close();
    expect(screen.text.split('\n').length).toBe(2);
  });

  test('leaving a loop early, or by an error, ends the line', () => {
    const screen = new Screen(true);
    for (const x of progress([1, 2, 3], { file: screen })) if (x === 2) break;
    expect(screen.text.endsWith('\n')).toBe(true);
    expect(() => {
      for (const _ of progress([1], { file: screen })) throw new Error('mine');
    }).toThrow('mine');
    expect(screen.text.split('\n').length).toBe(3);
  });

  test('leave: false clears the line, disable draws nothing', () => {
    const screen = new Screen(true);
    for (const _ of progress(3, { file: screen, leave: false })) later(1000);
    expect(screen.shown).toEqual(['']);
    const silent = new Screen(true);
    for (const _ of progress(3, { file: silent, disable: true })) later(1000);
    expect(silent.text).toBe('');
  });

  test('a shorter line leaves nothing of the longer one', () => {
    // 0 columns is what some terminals say when they do not know.
    for (const columns of [200, 0]) {
      const screen = new Screen(true, columns);
      const bar: Progress = progress({ file: screen, desc: 'a long description' });
      bar.setDescription('b');
      bar.close();
      expect(screen.shown[0]).toBe('b: 0it [00:00, ?it/s]');
    }
  });

  test('write() puts a line above the bar', () => {
    const screen = new Screen(true);
    const bar = progress({ total: 2, file: screen });
    bar.write('epoch 1: 0.5');
    bar.close();
    expect(screen.shown).toEqual(['epoch 1: 0.5', `  0%|${' '.repeat(33)}| 0/2 [00:00<?, ?it/s]`, '']);
  });

  test('asynchronous loops, Maps, generators without a length', async () => {
    const screen = new Screen(false);
    async function* items(): AsyncGenerator<number> {
      yield 1;
      yield 2;
    }
    const seen: number[] = [];
    for await (const x of progress(items(), { file: screen, total: 2 })) seen.push(x);
    expect(seen).toEqual([1, 2]);
    expect(screen.text).toContain('2/2');
    const map = new Screen(false);
    for (const _ of progress(new Map([[1, 2]]), { file: map })) later(1000);
    expect(map.text).toContain('1/1');
    const unknown = new Screen(false);
    for (const _ of progress(new Set([1, 2]).values(), { file: unknown, unit: 'x' })) later(1000);
    expect(unknown.text).toBe('2x [00:02,  1.00x/s]\n');
    expect(() => [...progress(items() as unknown as Iterable<number>, { file: screen })]).toThrow(/for await/);
  });

  test('what makes no sense is refused', () => {
    const options: ProgressOptions = { file: new Screen(false) };
    expect(() => progress([1], { ...options, total: -1 })).toThrow(RangeError);
    expect(() => progress(1.5, options)).toThrow(RangeError);
    expect(() => progress([1], { ...options, smoothing: 2 })).toThrow(RangeError);
    expect(() => progress(null as unknown as number[], options)).toThrow(TypeError);
    expect(() => [...progress(options)]).toThrow(TypeError);
  });
});

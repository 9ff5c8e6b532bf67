import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LIMIT, output } from './run.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('examples', () => {
  it(
    'seed prints the graph, its value and its gradient',
    async () => {
      expect(await output('seed')).toBe(
        [
          'X tensor([0., 1., 2.], requires_grad=True)',
          'Y tensor(12.6667, grad_fn=<MeanBackward0>)',
          'tensor([1.3333, 2.0000, 2.6667])',
          '',
        ].join('\n'),
      );
    },
    LIMIT,
  );

  it(
    'tutorial prints what PyTorch prints, from one seed to the trained weights',
    async () => {
      const expected = readFileSync(join(root, 'test', 'tutorial', 'expected.txt'), 'utf8');
      expect(await output('tutorial')).toBe(expected);
    },
    LIMIT,
  );

  it(
    'digits trains, saves, and gives the same accuracy from its checkpoint',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'nodegrad-digits-'));
      try {
        const text = await output('digits', '--limit', '1000', '--epochs', '1', '--out', folder);
        const [, before, after] = /accuracy ([\d.]+) %; of the loaded checkpoint ([\d.]+) %/.exec(text)!;
        expect(after).toBe(before);
        // One pass over 800 pictures is far from enough, and yet better than guessing (10 %).
        expect(Number(before)).toBeGreaterThan(25);
        expect(readFileSync(join(folder, 'loss.svg'), 'utf8')).toMatch(/^<svg[\s\S]*<polyline[\s\S]*<\/svg>\s*$/);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    LIMIT,
  );
});

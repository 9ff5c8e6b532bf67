import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gpt } from '../../examples/gpt/model.js';
import * as ng from '../../src/index.js';
import { LIMIT, numberAfter, output } from './run.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodegrad-examples-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Width and height that a PNG file claims. */
function sizeOfPng(path: string): number[] {
  const bytes = readFileSync(path);
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

describe('examples at a small size learn', () => {
  it(
    'logistic regression, from bare tensors',
    async () => {
      const text = await output('logistic', '--steps', '100');
      // Nothing is known at first: log 2.
      expect(numberAfter('loss at first', text)).toBeCloseTo(Math.LN2, 3);
      expect(numberAfter('loss at last', text)).toBeLessThan(0.2);
      expect(numberAfter('accuracy', text)).toBeGreaterThan(0.9);
    },
    LIMIT,
  );

  it(
    'regression on a table',
    async () => {
      const text = await output('regression', '--rows', '800', '--epochs', '10', '--out', folder);
      expect(text).toContain('800 rows; area, rooms, age, distance → price');
      expect(numberAfter('test error', text.slice(text.lastIndexOf('test error')))).toBeLessThan(
        numberAfter('error of the mean alone', text) / 4,
      );
      expect(numberAfter('explained', text)).toBeGreaterThan(90);
      const metadata = await ng.loadMetadata(join(folder, 'model.safetensors'));
      expect(metadata.get('target')).toBe('price');
    },
    LIMIT,
  );

  it(
    'lstm on sequences of different lengths',
    async () => {
      const text = await output('lstm', '--steps', '60', '--hidden', '16');
      expect(numberAfter('of the last', text)).toBeLessThan(0.8 * numberAfter('loss of the first steps', text));
      // Four kinds: a guess is right in 25 % of the cases.
      expect(numberAfter('accuracy', text)).toBeGreaterThan(45);
    },
    LIMIT,
  );

  it(
    'gpt, whose checkpoint writes on',
    async () => {
      const size = ['--layers', '4', '--heads', '2', '--width', '32', '--context', '32', '--lr', '0.003'];
      const text = await output('gpt', '--steps', '80', ...size, '--count', '50', '--out', folder);
      const first = numberAfter('loss at first', text);
      // Every character alike, at first.
      expect(first).toBeCloseTo(Math.log(numberAfter('characters of', text)), 0);
      expect(numberAfter('loss at last', text)).toBeLessThan(first - 1);
      const written = (printed: string): string => printed.slice(printed.indexOf('--- written:') + 12);
      expect(written(text).length).toBe(1 + 50 + 1);
      const checkpoint = join(folder, 'model.pt');
      const again = await output('gpt', '--steps', '0', '--load', checkpoint, '--count', '50');
      expect(written(again)).toBe(written(text));
    },
    LIMIT,
  );

  it('gpt draws by temperature and from the likeliest', () => {
    ng.manualSeed(0);
    const model = new Gpt({ vocabulary: 12, context: 8, layers: 1, heads: 2, width: 16, dropout: 0.1 });
    model.head.weight = new ng.nn.Parameter(ng.randn(12, 16).mul(3));
    const start = ng.tensor([[3, 1]]);
    const write = (seed: number, options: { temperature?: number; topK?: number }): unknown => {
      ng.manualSeed(seed);
      return model.generate(start, 20, options).tolist();
    };
    expect(write(1, { topK: 1 })).toEqual(write(2, { topK: 1 }));
    // So cold that only the likeliest is left.
    expect(write(1, { temperature: 1e-4 })).toEqual(write(2, { topK: 1 }));
    expect(write(1, { temperature: 2 })).not.toEqual(write(2, { temperature: 2 }));
    const likeliest = model.eval()(start).at(0, -1).topk(2).indices.tolist() as number[];
    for (let seed = 0; seed < 20; seed++)
      expect(likeliest).toContain((write(seed, { topK: 2, temperature: 3 }) as number[][])[0]![2]);
    expect(model.training).toBe(false);
  });

  it(
    'vae, and leave pictures',
    async () => {
      const text = await output('vae', '--limit', '500', '--epochs', '2', '--latent', '8', '--out', folder);
      const last = text.slice(text.lastIndexOf('held-out loss'));
      expect(numberAfter('held-out loss', last)).toBeLessThan(0.7 * numberAfter('held-out loss at first', text));
      expect(sizeOfPng(join(folder, 'remade.png'))).toEqual([8 * 30 + 2, 4 * 30 + 2]);
      expect(sizeOfPng(join(folder, 'samples.png'))).toEqual([8 * 30 + 2, 8 * 30 + 2]);
    },
    LIMIT,
  );

  it(
    'finetune, keeping what is frozen',
    async () => {
      const text = await output('finetune', '--limit', '1000', '--pretrain', '1', '--examples', '150', '--out', folder);
      expect(text).toContain("new: ['classifier.4.weight', 'classifier.4.bias']");
      expect(text).toContain('100546 of 105346 parameters train');
      expect(numberAfter('after 150 pictures', text)).toBeGreaterThan(70);
      expect(existsSync(join(folder, 'parity.safetensors'))).toBe(true);
      const [before, after] = await Promise.all(
        ['digits', 'parity'].map((name) => ng.load(join(folder, `${name}.safetensors`))),
      );
      expect(after!.get('features.0.weight')!.equal(before!.get('features.0.weight')!)).toBe(true);
      expect(after!.get('classifier.1.weight')!.equal(before!.get('classifier.1.weight')!)).toBe(false);
    },
    LIMIT,
  );
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, inflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { makeGrid, saveImage } = ng.viz;
const folder = mkdtempSync(join(tmpdir(), 'nodegrad-images-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The sizes and the pixels of a PNG file without filters; its checksums are checked. */
function readPng(path: string): { width: number; height: number; colourType: number; rows: number[][] } {
  const bytes = readFileSync(path);
  expect([...bytes.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    expect(crc32(bytes.subarray(at + 4, at + 8 + length))).toBe(bytes.readUInt32BE(at + 8 + length));
    chunks.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR')!;
  const [width, height, colourType] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9]!];
  const pixels = inflateSync(chunks.get('IDAT')!);
  const rowBytes = pixels.length / height;
  const rows = Array.from({ length: height }, (_, y) => [...pixels.subarray(y * rowBytes, (y + 1) * rowBytes)]);
  expect(rows.every(([filter]) => filter === 0)).toBe(true);
  return { width, height, colourType, rows: rows.map((row) => row.slice(1)) };
}

describe('makeGrid', () => {
  it('lays pictures out in rows, the last one filled up', () => {
    const images = ng.arange(1, 4).reshape(3, 1, 1, 1).float();
    const grid = makeGrid(images, { nrow: 2, padding: 1 });
    expect(grid.shape).toEqual([3, 5, 5]);
    const channel = [
      [0, 0, 0, 0, 0],
      [0, 1, 0, 2, 0],
      [0, 0, 0, 0, 0],
      [0, 3, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ];
    expect(grid.tolist()).toEqual([channel, channel, channel]);
  });

  it('takes lists, colours, one picture alone, a value between', () => {
    const red = ng.stack([ng.ones(2, 2), ng.zeros(2, 2), ng.zeros(2, 2)]);
    expect(makeGrid(red).equal(red)).toBe(true);
    const grid = makeGrid([red, red.flip(0)], { padding: 2, padValue: 0.5 });
    expect(grid.shape).toEqual([3, 6, 10]);
    expect(grid.at(0, 3).tolist()).toEqual([0.5, 0.5, 1, 1, 0.5, 0.5, 0, 0, 0.5, 0.5]);
  });

  it('normalises all together, each alone or by a range', () => {
    const images = ng.tensor([0, 2, 4, 8]).float().reshape(2, 1, 1, 2);
    const inner = (options: ng.viz.GridOptions): unknown =>
      makeGrid(images, { normalize: true, padding: 0, ...options })
        .at(0, 0)
        .tolist();
    expect(inner({})).toEqual([0, 0.25, 0.5, 1]);
    expect(inner({ scaleEach: true })).toEqual([0, 1, 0, 1]);
    expect(inner({ valueRange: [0, 4] })).toEqual([0, 0.5, 1, 1]);
  });

  it('refuses what is no picture', () => {
    expect(() => makeGrid(ng.ones(3))).toThrow(/makeGrid: pictures have shape \[3\]/);
    expect(() => makeGrid(ng.ones(2, 2, 2))).toThrow(/2 channels/);
    expect(() => makeGrid(ng.ones(1, 1, 2, 2), { nrow: 0 })).toThrow(/nrow is 0/);
    expect(() => makeGrid('a' as never)).toThrow(TypeError);
  });
});

describe('saveImage', () => {
  it('writes a PNG file, floats from 0 to 1 and whole numbers as they are', async () => {
    const path = join(folder, 'a.png');
    await saveImage(
      ng.tensor([
        [
          [
            [0, 0.5],
            [1, 2],
          ],
        ],
      ]),
      path,
    );
    const grey = [
      [0, 0, 0, 128, 128, 128],
      [255, 255, 255, 255, 255, 255],
    ];
    expect(readPng(path)).toEqual({ width: 2, height: 2, colourType: 2, rows: grey });
    await saveImage(ng.tensor([[[7], [200]]], { dtype: 'uint8' }), path);
    expect(readPng(path).rows).toEqual([
      [7, 7, 7],
      [200, 200, 200],
    ]);
    await expect(saveImage(ng.ones(1, 2), join(folder, 'no', 'b.png'))).rejects.toThrow(/ENOENT/);
  });
});

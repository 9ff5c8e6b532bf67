import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import * as ng from '../../src/index.js';

const { DataLoader, ImageFolder, readImage } = ng.data;
const folder = mkdtempSync(join(tmpdir(), 'nodegrad-pictures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const root = join(folder, 'pictures');

/** A picture of one colour. */
const plain = (r: number, g: number, b: number, height = 4, width = 6): ng.Tensor =>
  ng.tensor([r, g, b], { dtype: 'uint8' }).reshape(3, 1, 1).expand(3, height, width);

beforeAll(async () => {
  for (const name of ['dog/deep', 'Cat', 'ant']) mkdirSync(join(root, name), { recursive: true });
  await ng.viz.saveImage(plain(255, 0, 0), join(root, 'dog', 'b.png'));
  await ng.viz.saveImage(plain(0, 255, 0), join(root, 'dog', 'deep', 'a.png'));
  await ng.viz.saveImage(plain(0, 0, 255), join(root, 'Cat', '10.PNG'));
  await ng.viz.saveImage(plain(10, 20, 30), join(root, 'Cat', '9.png'));
  await sharp({ create: { width: 6, height: 4, channels: 3, background: { r: 200, g: 100, b: 50 } } })
    .jpeg({ quality: 100 })
    .toFile(join(root, 'ant', 'x.jpg'));
  writeFileSync(join(root, 'ant', 'notes.txt'), 'no picture');
  writeFileSync(join(root, 'readme.txt'), 'no class');
});

describe('readImage', () => {
  test('gives channels, rows and columns from 0 to 1', async () => {
    const path = join(folder, 'a.png');
    const picture = ng.arange(24).reshape(3, 2, 4).mul(10).to('uint8');
    await ng.viz.saveImage(picture, path);
    const read = await readImage(path);
    expect([read.dtype, read.shape]).toEqual(['float32', [3, 2, 4]]);
    expect(read.mul(255).round().to('uint8').equal(picture)).toBe(true);
    // PIL's weights: (19595 r + 38470 g + 7471 b + 32768) >> 16
    const grey = await readImage(path, { mode: 'L' });
    expect(grey.mul(255).round().tolist()).toEqual([
      [
        [65, 75, 85, 95],
        [105, 115, 125, 135],
      ],
    ]);
  });

  test('turns grey, transparent and deep pictures into colours', async () => {
    const path = join(folder, 'b.png');
    await sharp(Buffer.from([0, 51, 102, 255]), { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(path);
    const channel = [
      [0, 51],
      [102, 255],
    ];
    const bytes = async (): Promise<unknown> => (await readImage(path)).mul(255).round().tolist();
    expect(await bytes()).toEqual([channel, channel, channel]);
    const background = { r: 30, g: 60, b: 90, alpha: 0.5 };
    await sharp({ create: { width: 1, height: 1, channels: 4, background } })
      .png()
      .toFile(path);
    expect(await bytes()).toEqual([[[30]], [[60]], [[90]]]);
  });

  test('resizes to a size or by the shorter side', async () => {
    const path = join(root, 'dog', 'b.png');
    expect((await readImage(path, { resize: [3, 5] })).shape).toEqual([3, 3, 5]);
    const smaller = await readImage(path, { resize: 2 });
    expect(smaller.shape).toEqual([3, 2, 3]);
    expect(smaller.select(0, 0).unique().tolist()).toEqual([1]);
  });

  test('says what is wrong', async () => {
    await expect(readImage(join(root, 'readme.txt'))).rejects.toThrow(/readme.txt cannot be read as a picture/);
    await expect(readImage(join(root, 'none.png'))).rejects.toThrow(RangeError);
    await expect(readImage('a', { resize: [0, 1] })).rejects.toThrow(/resize is \[0,1\]/);
    await expect(readImage('a', { mode: 'CMYK' as never })).rejects.toThrow(/mode is "CMYK"/);
  });
});

describe('ImageFolder', () => {
  test('finds classes and samples in order', () => {
    const set = new ImageFolder(root);
    expect(set.classes).toEqual(['Cat', 'ant', 'dog']);
    expect([...set.classToIdx]).toEqual([
      ['Cat', 0],
      ['ant', 1],
      ['dog', 2],
    ]);
    expect(set.samples.map(([path, target]) => [path.slice(root.length + 1), target])).toEqual([
      [join('Cat', '10.PNG'), 0],
      [join('Cat', '9.png'), 0],
      [join('ant', 'x.jpg'), 1],
      [join('dog', 'b.png'), 2],
      [join('dog', 'deep', 'a.png'), 2],
    ]);
    expect(set.targets).toEqual([0, 0, 1, 2, 2]);
    expect(set.length).toBe(5);
  });

  test('gives batches of pictures and classes', async () => {
    const set = new ImageFolder(root);
    const seen: unknown[] = [];
    for await (const [images, labels] of new DataLoader(set, { batchSize: 3 })) {
      expectTypeOf(images).toEqualTypeOf<ng.Tensor>();
      seen.push([images.shape, images.mul(255).round().at(':', ':', 0, 0).tolist(), labels.tolist()]);
    }
    expect(seen).toEqual([
      [
        [3, 3, 4, 6],
        [
          [0, 0, 255],
          [10, 20, 30],
          [expect.closeTo(200, -0.5), expect.closeTo(100, -0.5), expect.closeTo(50, -0.5)],
        ],
        [0, 0, 1],
      ],
      [
        [2, 3, 4, 6],
        [
          [255, 0, 0],
          [0, 255, 0],
        ],
        [2, 2],
      ],
    ]);
  });

  test('takes transforms, a loader, other files', async () => {
    const set = new ImageFolder(root, {
      mode: 'L',
      transform: (image) => image.mean().item(),
      targetTransform: (target) => -target,
    });
    const [brightness, target] = await set.getItem(-1);
    expectTypeOf(brightness).toEqualTypeOf<number>();
    expect([brightness * 255, target]).toEqual([expect.closeTo(150, 3), -2]);
    const own = new ImageFolder(root, {
      loader: (path) => ng.tensor(path.length - root.length),
      isValidFile: (path) => path.endsWith('9.png') || path.endsWith('x.jpg') || path.endsWith('a.png'),
    });
    expect(own.length).toBe(3);
    expect((await own.getItem(0))[0].item()).toBe('/Cat/9.png'.length);
  });

  test('follows links, but not in circles', () => {
    const linked = join(folder, 'linked');
    mkdirSync(linked);
    symlinkSync(join(root, 'dog'), join(linked, 'hound'));
    mkdirSync(join(linked, 'loop'));
    symlinkSync(join(root, 'Cat', '9.png'), join(linked, 'loop', 'c.png'));
    symlinkSync(join(linked, 'loop'), join(linked, 'loop', 'again'));
    expect(new ImageFolder(linked).targets).toEqual([0, 0, 1]);
  });

  test('says what is wrong', () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect(() => new ImageFolder(empty)).toThrow(/Couldn't find any class folder in/);
    mkdirSync(join(empty, 'a'));
    expect(() => new ImageFolder(empty)).toThrow(
      /Found no valid file for the classes a. Supported extensions are: .jpg/,
    );
    expect(() => new ImageFolder(join(folder, 'none'))).toThrow(/ENOENT/);
    expect(() => new DataLoader(new ImageFolder(root, { transform: (x) => x }), { numWorkers: 1 })).toThrow(
      /an ImageFolder with transform cannot go to a worker thread/,
    );
  });
});

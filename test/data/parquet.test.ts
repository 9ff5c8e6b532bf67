import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest';
import { importOptional } from '../../src/data/optional.js';
import * as ng from '../../src/index.js';

const { ParquetDataset, readParquet } = ng.data;
const folder = mkdtempSync(join(tmpdir(), 'nodegrad-parquet-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'a.parquet');

const columnData = [
  { name: 'a', data: [1, -2, 3, 4, 5], type: 'INT32' as const },
  { name: 'b', data: [0.5, 1e300, Number.NaN, 0, -1], type: 'DOUBLE' as const },
  { name: 'big', data: [1n, 2n ** 60n, 3n, 4n, 5n], type: 'INT64' as const },
  { name: 'ok', data: [true, false, true, true, false], type: 'BOOLEAN' as const },
  { name: 'word', data: ['x', 'größe', '', 'w', 'v'], type: 'STRING' as const },
  { name: 'gap', data: [1, null, 3, 4, 5], type: 'FLOAT' as const },
];
parquetWriteFile({ filename: path, columnData, rowGroupSize: 2 });

describe('readParquet', () => {
  test('gives values by column, across row groups', async () => {
    const table = await readParquet(path);
    expect(table.columns).toEqual(columnData.map(({ name }) => name));
    expect(table.rowCount).toBe(5);
    for (const { name, data } of columnData) expect(table.values.get(name)).toEqual(data);
  });

  test('reads some columns and some rows', async () => {
    const table = await readParquet(pathToFileURL(path), { columns: ['word', 'a'], rowStart: 1, rowEnd: 4 });
    expect([...table.values]).toEqual([
      ['word', ['größe', '', 'w']],
      ['a', [-2, 3, 4]],
    ]);
    expect((await readParquet(path, { rowStart: 3, rowEnd: 99 })).values.get('a')).toEqual([4, 5]);
    const none = await readParquet(path, { rowStart: 7 });
    expect([none.rowCount, none.values.get('a')]).toEqual([0, []]);
  });

  test('unpacks what Node can', async () => {
    const packed = join(folder, 'packed.parquet');
    const data = Array.from({ length: 1000 }, (_, i) => i % 7);
    for (const [codec, compress] of [
      ['SNAPPY', undefined],
      ['UNCOMPRESSED', undefined],
      ['GZIP', (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes))],
      ['BROTLI', (bytes: Uint8Array) => new Uint8Array(brotliCompressSync(bytes))],
    ] as const) {
      parquetWriteFile({
        filename: packed,
        columnData: [{ name: 'n', data, type: 'INT32' }],
        codec,
        ...(compress === undefined ? {} : { compressors: { [codec]: compress } }),
      });
      expect((await readParquet(packed)).values.get('n')).toEqual(data);
    }
  });

  test('says what is wrong', async () => {
    await expect(readParquet(path, { columns: ['c'] })).rejects.toThrow(
      /readParquet: there is no column "c"; the file has "a", "b"/,
    );
    await expect(readParquet(path, { rowStart: -1 })).rejects.toThrow(/rowStart is -1/);
    await expect(readParquet(join(folder, 'none.parquet'))).rejects.toThrow(/ENOENT/);
    const bad = join(folder, 'bad.parquet');
    writeFileSync(bad, 'no parquet at all');
    await expect(readParquet(bad)).rejects.toThrow(/readParquet: .*bad.parquet cannot be read as Parquet/);
    const whole = readFileSync(path);
    for (let at = 4; at < whole.length; at += 37) {
      writeFileSync(bad, whole.subarray(0, at));
      await expect(readParquet(bad)).rejects.toThrow(RangeError);
    }
  });
});

describe('ParquetDataset', () => {
  test('gives features and targets', async () => {
    const set = await ParquetDataset.open(path, { features: ['a', 'ok'], target: 'big', targetDtype: 'int64' });
    expectTypeOf(set.getItem(0)).toEqualTypeOf<[ng.Tensor, ng.Tensor]>();
    expect(set.features).toEqual(['a', 'ok']);
    const [x, y] = set.getItem(1);
    expect([x.dtype, x.tolist(), y.dtype, y.item()]).toEqual(['float32', [-2, 0], 'int64', 2n ** 60n]);
    const [batch] = new ng.data.DataLoader(set, { batchSize: 5 });
    expect(batch![0].shape).toEqual([5, 2]);
    const alone = await ParquetDataset.open(path, { features: ['b'], dtype: 'float64', rowEnd: 2 });
    expect(alone.tensors[0].tolist()).toEqual([[0.5], [1e300]]);
  });

  test('refuses what is no number', async () => {
    await expect(ParquetDataset.open(path)).rejects.toThrow(/"word" of row 0 is "x", no number; leave the column out/);
    await expect(ParquetDataset.open(path, { features: ['gap'] })).rejects.toThrow(/"gap" of row 1 is null, no number/);
    await expect(ParquetDataset.open(path, { target: 'c' })).rejects.toThrow(/there is no column "c"/);
  });
});

test('an optional package that is not there is named, with the command', async () => {
  await expect(importOptional('readThing', 'nodegrad-no-such-package', 'reading things')).rejects.toThrow(
    'readThing: reading things needs the package nodegrad-no-such-package, which is not installed; run: npm install nodegrad-no-such-package',
  );
});

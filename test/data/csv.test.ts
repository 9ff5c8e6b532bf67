import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as ng from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'nodegrad-csv-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'a.csv');
const { CsvDataset, readCsv } = ng.data;

test('reads quotes, line ends, a byte order mark and other delimiters', () => {
  writeFileSync(path, '\uFEFFname,"a ""b"""\r\n"x, y",1\r\n"two\nlines",2\r\n');
  expect(readCsv(path)).toEqual({
    columns: ['name', 'a "b"'],
    rows: [
      ['x, y', '1'],
      ['two\nlines', '2'],
    ],
  });
  writeFileSync(path, '1;2\n3;4\n');
  expect(readCsv(path, { delimiter: ';', header: false })).toEqual({
    columns: ['0', '1'],
    rows: [
      ['1', '2'],
      ['3', '4'],
    ],
  });
});

test('gives features and targets', () => {
  writeFileSync(path, 'a,b,kind\n1,2.5,0\n-3,4e2,1\nnan,0,2\n');
  const set = new CsvDataset(path, { target: 'kind', targetDtype: 'int64' });
  expect(set.features).toEqual(['a', 'b']);
  expect(set.length).toBe(3);
  const [x, y] = set.getItem(1);
  expect([x!.dtype, x!.tolist(), y!.dtype, y!.item()]).toEqual(['float32', [-3, 400], 'int64', 1]);
  expect(set.getItem(2)[0]!.tolist()).toEqual([Number.NaN, 0]);
  expect(new CsvDataset(path, { target: ['kind'] }).tensors[1]!.shape).toEqual([3, 1]);
  expect(new CsvDataset(path, { features: ['b'] }).tensors.map((t) => t.shape)).toEqual([[3, 1]]);
  const batches = [...new ng.data.DataLoader(set, { batchSize: 2 })] as ng.Tensor[][];
  expect(batches.map(([, target]) => target!.tolist())).toEqual([[0, 1], [2]]);
});

test('says what is wrong', () => {
  writeFileSync(path, 'a,b\n1,x\n');
  expect(() => new CsvDataset(path)).toThrow(/CsvDataset: "b" of row 0 is "x", no number; leave the column out/);
  expect(() => new CsvDataset(path, { target: 'c' })).toThrow(/there is no column "c"; the file has "a", "b"/);
  writeFileSync(path, 'a,b\n1\n');
  expect(() => readCsv(path)).toThrow(/readCsv: .* is no CSV file: Invalid Record Length/);
  writeFileSync(path, 'a,b\n1,"2\n');
  expect(() => readCsv(path)).toThrow(/Quote Not Closed/);
  writeFileSync(path, 'a,a\n1,2\n');
  expect(() => readCsv(path)).toThrow(/the column "a" is there twice/);
  expect(() => readCsv(join(folder, 'none.csv'))).toThrow(/ENOENT/);
});

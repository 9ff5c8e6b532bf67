import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { crc32c, maskedCrc } from '../../src/tensorboard/records.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodegrad-tensorboard-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Fields = Map<number, (Buffer | bigint)[]>;

/** A protocol buffer's fields by number; what they mean is the caller's to know. */
function fieldsOf(bytes: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    expect(at).toBeLessThanOrEqual(bytes.length);
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const wire = key & 7;
    const value = wire === 0 ? varint() : take(wire === 1 ? 8 : wire === 5 ? 4 : Number(varint()));
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}

const bytes = (fields: Fields, number: number): Buffer => fields.get(number)![0] as Buffer;
const inner = (fields: Fields, number: number): Fields => fieldsOf(bytes(fields, number));
const doubles = (buffer: Buffer): number[] =>
  Array.from({ length: buffer.length / 8 }, (_, i) => buffer.readDoubleLE(8 * i));

/** The events of the one event file in a folder, whose checksums are checked. */
function eventsOf(path: string): Fields[] {
  const files = readdirSync(path).filter((name) => name.includes('tfevents'));
  expect(files.length).toBe(1);
  const file = readFileSync(join(path, files[0]!));
  const events: Fields[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    expect(file.readUInt32LE(at + 8)).toBe(maskedCrc(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(file.readUInt32LE(at + 12 + length)).toBe(maskedCrc(data));
    events.push(fieldsOf(data));
    at += 16 + length;
  }
  expect(bytes(events[0]!, 3).toString()).toBe('brain.Event:2');
  return events.slice(1);
}

/** The summary's one value. */
const valueIn = (event: Fields): Fields => inner(inner(event, 5), 1);
const tagOf = (event: Fields): string => bytes(valueIn(event), 1).toString();

it('crc32c is Castagnoli’s', () => {
  // RFC 3720, B.4
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});

describe('SummaryWriter', () => {
  it('writes scalars with their steps and times', () => {
    const writer = new ng.tensorboard.SummaryWriter(folder);
    writer.addScalar('loss/train', 0.5, 3, 1234.5);
    writer.addScalar('loss/train', ng.tensor(0.25), 2n ** 40n);
    writer.addScalar('größe', 2n);
    writer.addScalar('before', 1, -1);
    const events = eventsOf(folder);
    expect(events.map(tagOf)).toEqual(['loss/train', 'loss/train', 'größe', 'before']);
    expect(events.map((event) => bytes(valueIn(event), 2).readFloatLE())).toEqual([0.5, 0.25, 2, 1]);
    expect(events.map((event) => event.get(2)?.[0])).toEqual([3n, 2n ** 40n, undefined, -1n]);
    expect(doubles(bytes(events[0]!, 1))).toEqual([1234.5]);
    expect(Math.abs(doubles(bytes(events[1]!, 1))[0]! - Date.now() / 1000)).toBeLessThan(60);
    writer.close();
    writer.addScalar('after', 1);
    writer.close();
    expect(eventsOf(folder).length).toBe(5);
  });

  it('writes scalars of one chart into runs of their own', () => {
    {
      using writer = new ng.tensorboard.SummaryWriter(folder);
      for (let step = 0; step < 2; step++) writer.addScalars('a/b', { sin: step, cos: 1 - step }, step);
    }
    expect(readdirSync(folder).filter((name) => !name.includes('tfevents'))).toEqual(['a_b_cos', 'a_b_sin']);
    const events = eventsOf(join(folder, 'a_b_cos'));
    expect(events.map(tagOf)).toEqual(['a/b', 'a/b']);
    expect(events.map((event) => bytes(valueIn(event), 2).readFloatLE())).toEqual([1, 0]);
  });

  it('writes histograms', () => {
    const writer = new ng.tensorboard.SummaryWriter(folder);
    writer.addHistogram('even', ng.tensor([0, 1, 1, 4]), 1, 4);
    writer.addHistogram('growing', ng.tensor([-2.0, 0, 0, 3e-3, 5]));
    writer.addHistogram('one', [7, 7], null, 3);
    const [even, growing, one] = eventsOf(folder).map((event) => inner(valueIn(event), 5)) as [Fields, Fields, Fields];
    const numbers = (histogram: Fields): number[] => [1, 2, 3, 4, 5].map((i) => bytes(histogram, i).readDoubleLE());
    // min, max, count, sum, sum of squares
    expect(numbers(even)).toEqual([0, 4, 4, 6, 18]);
    expect(doubles(bytes(even, 6))).toEqual([0, 1, 2, 3, 4]);
    expect(doubles(bytes(even, 7))).toEqual([0, 1, 2, 0, 1]);
    const [limits, buckets] = [doubles(bytes(growing, 6)), doubles(bytes(growing, 7))];
    expect(limits.length).toBe(buckets.length);
    expect(buckets.reduce((sum, n) => sum + n)).toBe(5);
    // Each value lies in the bin that ends at the next limit.
    for (const [value, count] of [
      [-2, 1],
      [0, 2],
      [3e-3, 1],
      [5, 1],
    ] as const) {
      const bin = limits.findIndex((limit) => limit > value);
      expect(buckets[bin]).toBe(count);
      expect(limits[bin - 1]!).toBeLessThanOrEqual(value);
    }
    expect(doubles(bytes(one, 7)).reduce((sum, n) => sum + n)).toBe(2);
  });

  it('writes pictures in any order of dimensions', () => {
    const writer = new ng.tensorboard.SummaryWriter(folder);
    const picture = ng.arange(24).reshape(3, 2, 4).mul(10).to('uint8');
    writer.addImage('chw', picture, 5);
    writer.addImage('hwc', picture.permute(1, 2, 0), 5, null, 'HWC');
    writer.addImage('hw', picture.at(0), 5, null, 'HW');
    writer.addImages('grid', ng.stack([picture, picture]));
    const pictures = eventsOf(folder).map((event) => inner(valueIn(event), 4));
    expect(pictures.map((fields) => [1, 2, 3].map((i) => Number(fields.get(i)![0])))).toEqual([
      [2, 4, 3],
      [2, 4, 3],
      [2, 4, 1],
      [6, 14, 3],
    ]);
    const pixels = (fields: Fields): number[] => {
      const png = bytes(fields, 4);
      const at = png.indexOf('IDAT');
      return [...inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)))];
    };
    const rows = [0, 1].flatMap((y) => [
      0,
      ...[0, 1, 2, 3].flatMap((x) => [0, 1, 2].map((channel) => (channel * 8 + y * 4 + x) * 10)),
    ]);
    expect(pixels(pictures[0]!)).toEqual(rows);
    expect(pixels(pictures[1]!)).toEqual(rows);
    expect(pixels(pictures[2]!)).toEqual([0, 0, 10, 20, 30, 0, 40, 50, 60, 70]);
  });

  it('writes texts for the plugin of texts', () => {
    const writer = new ng.tensorboard.SummaryWriter(folder);
    writer.addText('note', 'grün **bold**', 2);
    const [event] = eventsOf(folder);
    expect(tagOf(event!)).toBe('note/text_summary');
    const tensor = inner(valueIn(event!), 8);
    expect(tensor.get(1)).toEqual([7n]);
    expect(bytes(tensor, 8).toString()).toBe('grün **bold**');
    expect(inner(inner(tensor, 2), 2).get(1)).toEqual([1n]);
    expect(bytes(inner(inner(valueIn(event!), 9), 1), 1).toString()).toBe('text');
  });

  it('says what is wrong, and then writes nothing', () => {
    const writer = new ng.tensorboard.SummaryWriter(folder, { filenameSuffix: '.x' });
    expect(readdirSync(folder)[0]).toMatch(/^events\.out\.tfevents\.\d{10}\..*\.x$/);
    for (const [act, message] of [
      [() => writer.addScalar('a', ng.ones(2)), /addScalar: the value is Tensor; give a number/],
      [() => writer.addScalar('', 1), /the tag is string/],
      [() => writer.addScalar('a', 1, 0.5), /globalStep is 0.5/],
      [() => writer.addScalars('a', { x: 1, y: 'z' as never }), /addScalars: the value is string z/],
      [() => writer.addHistogram('a', []), /has no element/],
      [() => writer.addHistogram('a', [1, Number.NaN]), /element 1 of "a" is NaN/],
      [() => writer.addHistogram('a', [1], null, 0), /bins is 0/],
      [() => writer.addImage('a', ng.ones(2, 2)), /tensor shape: \(2, 2\), input_format: CHW/],
      [() => writer.addImage('a', ng.ones(5, 2, 2)), /1 to 4 channels/],
      [() => writer.addText('a', 1 as never), /the text is number 1/],
    ] as const)
      expect(act).toThrow(message);
    expect(eventsOf(folder)).toEqual([]);
    expect(readdirSync(folder).length).toBe(1);
  });
});

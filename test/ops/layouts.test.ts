import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

/** Elements of every layout are what plain JavaScript reads at their strides. */
function byStrides(x: ng.Tensor): number[] {
  const whole = ng.asStrided(x, [x.storageOffset() + extent(x)], [1], 0).tolist() as number[];
  const values: number[] = [];
  const walk = (d: number, at: number): void => {
    if (d === x.shape.length) values.push(whole[at]!);
    else for (let i = 0; i < x.shape[d]!; i++) walk(d + 1, at + i * x.stride(d));
  };
  walk(0, x.storageOffset());
  return values;
}

const extent = (x: ng.Tensor): number => 1 + x.shape.reduce((sum, n, d) => sum + (n - 1) * x.stride(d), 0);
const flat = (x: ng.Tensor): number[] => x.reshape([-1]).tolist() as number[];

describe.each(['float32', 'uint8', 'int16', 'float64'] as const)('copies of %s', (dtype) => {
  const filled = (...shape: number[]): ng.Tensor =>
    ng
      .arange(shape.reduce((n, size) => n * size, 1))
      .remainder(251)
      .to(dtype)
      .view(shape);

  it.each([
    ['heads', () => filled(4, 33, 5, 20).permute(0, 2, 1, 3)],
    ['long rows', () => filled(3, 70, 2, 130).permute(2, 0, 1, 3)],
    ['rows of a part', () => filled(70, 1001).narrow(1, 3, 977)],
    ['a transpose', () => filled(67, 129).t()],
    ['every other column', () => filled(40, 600).at(':', '1::2')],
    ['a repeated column', () => filled(300, 1).expand(300, 257)],
    ['a repeated row', () => filled(1, 257).expand(300, 257)],
    ['one repeated element', () => filled(1, 1).expand(300, 257)],
  ])('reads %s', (_, make) => {
    const x = make();
    expect(flat(x.clone().contiguous())).toEqual(byStrides(x));
  });

  it.each([1, 7, 1023])('turns rows round the end by %i', (shift) => {
    const x = filled(65, 1024);
    const rows = x.tolist() as number[][];
    const turned = rows.map((row) => [...row.slice(1024 - shift), ...row.slice(0, 1024 - shift)]);
    expect(x.roll(shift, 1).tolist()).toEqual(turned);
  });

  it('reverses rows, columns and both', () => {
    const x = filled(67, 1030);
    const rows = x.tolist() as number[][];
    expect(x.flip(1).tolist()).toEqual(rows.map((row) => [...row].reverse()));
    expect(x.flip(0).tolist()).toEqual([...rows].reverse());
    expect(x.flip([0, 1]).tolist()).toEqual([...rows].reverse().map((row) => [...row].reverse()));
  });

  it('writes between other elements', () => {
    const x = filled(50, 3, 40);
    const before = x.tolist() as number[][][];
    x.select(1, 1).copy_(ng.full([1], 7).to(dtype));
    x.at(0, 0, '::2').copy_(filled(20));
    const after = before.map((plane) => plane.map((row, i) => (i === 1 ? row.map(() => 7) : row)));
    after[0]![0] = after[0]![0]!.map((value, i) => (i % 2 === 0 ? i / 2 : value));
    expect(x.tolist()).toEqual(after);
  });

  it('lays side by side along any dimension', () => {
    const [x, y] = [filled(33, 70), filled(33, 70).add(1)];
    const [a, b] = [x.tolist() as number[][], y.tolist() as number[][]];
    expect(ng.cat([x, y], 1).tolist()).toEqual(a.map((row, i) => [...row, ...b[i]!]));
    expect(ng.stack([x, y], 1).tolist()).toEqual(a.map((row, i) => [row, b[i]!]));
    expect(ng.stack([x, y], 2).tolist()).toEqual(a.map((row, i) => row.map((value, j) => [value, b[i]![j]!])));
  });
});

import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { nn } = ng;

describe('lazy modules', () => {
  it('take their sizes from the first input and become plain ones', () => {
    const lazy = new nn.LazyLinear(3);
    expect(String(lazy)).toBe('LazyLinear(in_features=0, out_features=3, bias=True)');
    const { weight } = lazy;
    expect(nn.isLazy(weight)).toBe(true);
    expect(lazy(ng.ones(4, 5)).shape).toEqual([4, 3]);
    expect(String(lazy)).toBe('Linear(in_features=5, out_features=3, bias=True)');
    expect(lazy.weight).toBe(weight);
    expect([nn.isLazy(weight), weight.shape, weight.requiresGrad, weight instanceof nn.Parameter]).toEqual([
      false,
      [3, 5],
      true,
      true,
    ]);
    expect(() => lazy(ng.ones(4, 6))).toThrow();
  });

  it('draw what the plain ones would', () => {
    ng.manualSeed(3);
    const plain = new nn.Conv2d(4, 6, 3, { groups: 2 });
    ng.manualSeed(3);
    const lazy = new nn.LazyConv2d(6, 3, { groups: 2 });
    lazy(ng.ones(1, 4, 5, 5));
    expect(lazy.weight.tolist()).toEqual(plain.weight.tolist());
    expect(lazy.bias?.tolist()).toEqual(plain.bias?.tolist());
    expect(String(lazy)).toBe(String(plain));
  });

  it('exist for convolutions and normalisations of all dimensions', () => {
    expect(new nn.LazyConv1d(2, 3)(ng.ones(1, 4, 5)).shape).toEqual([1, 2, 3]);
    expect(new nn.LazyConv3d(2, 1, { bias: false })(ng.ones(4, 2, 2, 2)).shape).toEqual([2, 2, 2, 2]);
    expect(new nn.LazyConvTranspose1d(2, 3)(ng.ones(1, 4, 5)).shape).toEqual([1, 2, 7]);
    expect(new nn.LazyConvTranspose2d(2, 3)(ng.ones(1, 4, 5, 5)).shape).toEqual([1, 2, 7, 7]);
    expect(new nn.LazyConvTranspose3d(2, 1)(ng.ones(1, 4, 2, 2, 2)).shape).toEqual([1, 2, 2, 2, 2]);
    const norm = new nn.LazyBatchNorm1d();
    expect(norm(ng.ones(2, 4)).shape).toEqual([2, 4]);
    expect([norm.numFeatures, norm.runningMean?.shape, norm.numBatchesTracked?.item()]).toEqual([4, [4], 1]);
    for (const [Lazy, shape] of [
      [nn.LazyBatchNorm2d, [2, 3, 2, 2]],
      [nn.LazyBatchNorm3d, [2, 3, 2, 2, 2]],
      [nn.LazyInstanceNorm1d, [2, 3, 4]],
      [nn.LazyInstanceNorm2d, [2, 3, 2, 2]],
      [nn.LazyInstanceNorm3d, [2, 3, 2, 2, 2]],
    ] as const) {
      const module = new Lazy({ affine: true, trackRunningStats: true });
      expect(module(ng.ones([...shape])).shape).toEqual(shape);
      expect(module.runningVar?.shape).toEqual([3]);
    }
  });

  it('load a state dict before their first input', () => {
    const plain = new nn.Linear(5, 3);
    const lazy = new nn.LazyLinear(3);
    lazy.loadStateDict(plain.stateDict());
    expect(lazy(ng.ones(1, 5)).tolist()).toEqual(plain(ng.ones(1, 5)).tolist());
    expect(() => plain.loadStateDict(new nn.LazyLinear(3).stateDict())).toThrow(/uninitialized/);
  });

  it('can be copied, and refuse inputs that do not fit', () => {
    const lazy = new nn.LazyLinear(3, { bias: false });
    const copy = ng.deepcopy(lazy);
    copy(ng.ones(1, 2));
    expect([copy.getName(), lazy.getName()]).toEqual(['Linear', 'LazyLinear']);
    expect(() => new nn.LazyConv2d(2, 3)(ng.ones(1, 2))).toThrow(/Expected 3D \(unbatched\) or 4D/);
    expect(() => new nn.LazyConv2d(2, 3, { groups: 2 })(ng.ones(1, 3, 5, 5))).toThrow(/divisible by groups/);
    expect(() => (lazy as unknown as (x: number) => void)(3)).toThrow(/must be a Tensor/);
  });
});

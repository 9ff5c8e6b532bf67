import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import * as ng from '../../src/index.js';
import { Tuple } from '../../src/repr.js';

const root = mkdtempSync(join(tmpdir(), 'nodegrad-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder = root;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'));
});
const at = (name: string): string => join(folder, name);
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

const state = (): Map<string, ng.Tensor> =>
  new Map([
    [
      'weight',
      ng
        .tensor([
          [1.5, -2.25, 3],
          [0, 5.5, -0.125],
        ])
        .t(),
    ],
    ['half', ng.tensor([1.5, 2.5]).to('bfloat16')],
    ['small', ng.tensor([0.5, 65504]).to('float16')],
    ['steps', ng.tensor([1, 2, 3])],
    ['scalar', ng.tensor(2.5, { dtype: 'float64' })],
    ['none', ng.zeros(0, 4)],
  ]);

function expectEqual(x: ng.Tensor | undefined, y: ng.Tensor): void {
  expect(x?.dtype).toBe(y.dtype);
  expect(x?.shape).toEqual(y.shape);
  expect(x?.tolist()).toEqual(y.tolist());
}

describe.each(['a.safetensors', 'a.pt', 'a.pth'])('%s', (name) => {
  test('keeps values, dtypes, shapes and order', async () => {
    await ng.save(state(), at(name));
    const read = await ng.load(at(name));
    expect([...read.keys()]).toEqual([...state().keys()]);
    for (const [key, x] of state()) expectEqual(read.get(key), x);
    expect(readdirSync(folder)).toEqual([name]);
  });

  test('converts floating-point tensors, when saving or loading', async () => {
    await ng.save(state(), at(name), { dtype: 'bfloat16' });
    const read = await ng.load(at(name));
    expect([...read.values()].map((x) => x.dtype)).toEqual([
      'bfloat16',
      'bfloat16',
      'bfloat16',
      'int64',
      'bfloat16',
      'bfloat16',
    ]);
    expectEqual(read.get('weight'), state().get('weight')!.to('bfloat16'));
    const wide = await ng.load(at(name), { dtype: 'float32' });
    expectEqual(wide.get('half'), ng.tensor([1.5, 2.5]));
    expect(wide.get('steps')!.dtype).toBe('int64');
  });

  test('holds the values of the moment of the call', async () => {
    const large = ng.ones(100_000);
    const small = ng.ones(3);
    const saving = ng.save({ large, small }, at(name));
    large.fill_(7);
    small.fill_(7);
    await saving;
    const read = await ng.load<Record<string, ng.Tensor> & Map<string, ng.Tensor>>(at(name));
    expect(read.get('large')!.sum().item()).toBe(100_000);
    expect(read.get('small')!.tolist()).toEqual([1, 1, 1]);
  });
});

test('.npy and .npz keep values and take the snapshot too', async () => {
  const x = ng.arange(6).reshape(2, 3);
  const saving = [
    ng.save(x, at('x.npy')),
    ng.save({ x, y: ng.tensor([true, false]) }, at('x.npz'), { compress: true }),
  ];
  x.zero_();
  await Promise.all(saving);
  expectEqual(await ng.load(at('x.npy')), ng.arange(6).reshape(2, 3));
  expectEqual(ng.loadSync(at('x.npy')), ng.arange(6).reshape(2, 3));
  const read = await ng.load(at('x.npz'));
  expectEqual(read.get('x'), ng.arange(6).reshape(2, 3));
  expectEqual(read.get('y'), ng.tensor([true, false]));
});

test('saveSync and loadSync know .safetensors and .npy', async () => {
  ng.saveSync(state(), at('a.safetensors'), { metadata: { format: 'pt' } });
  for (const [key, x] of state()) expectEqual(ng.loadSync(at('a.safetensors')).get(key), x);
  expect(await ng.loadMetadata(at('a.safetensors'))).toEqual(new Map([['format', 'pt']]));
  ng.saveSync(ng.tensor([1.5]), at('a.data'), { format: 'npy' });
  expect(ng.loadSync<ng.Tensor>(at('a.data'), { format: 'npy' }).tolist()).toEqual([1.5]);
  expect(() => ng.saveSync(state(), at('a.pt'))).toThrow(/saveSync: pt files are written by save only/);
  expect(() => ng.loadSync(at('a.pt'))).toThrow(/loadSync: pt files are read by load only/);
});

describe('several safetensors files', () => {
  const big = (): Map<string, ng.Tensor> => new Map(['a', 'b', 'c'].map((name, i) => [name, ng.full([100], i + 0.5)]));

  test('are written with an index and read by it', async () => {
    await ng.save(big(), at('model.safetensors'), { maxShardSize: '1KB', metadata: { format: 'pt' } });
    expect(readdirSync(folder).sort()).toEqual([
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
    ]);
    const index = JSON.parse(readFileSync(at('model.safetensors.index.json'), 'utf8')) as Record<string, object>;
    expect(index.metadata).toEqual({ total_size: 1200 });
    expect(index.weight_map).toEqual({
      a: 'model-00001-of-00002.safetensors',
      b: 'model-00001-of-00002.safetensors',
      c: 'model-00002-of-00002.safetensors',
    });
    for (const read of [
      await ng.load(at('model.safetensors.index.json')),
      ng.loadSync(at('model.safetensors.index.json')),
    ]) {
      expect([...read.keys()]).toEqual(['a', 'b', 'c']);
      for (const [key, x] of big()) expectEqual(read.get(key), x);
    }
  });

  test('are one file where that is enough', async () => {
    await ng.save(big(), at('model.safetensors'), { maxShardSize: '5GB' });
    expect(readdirSync(folder)).toEqual(['model.safetensors']);
  });

  test.each([
    ['../other.safetensors', /shards are .safetensors files beside the index/],
    ['/etc/passwd', /shards are .safetensors files beside the index/],
    ['..\\x.safetensors', /shards are .safetensors files beside the index/],
    ['model.safetensors', /does not have it/],
  ])('an index that names %s is refused', async (file, message) => {
    await ng.save(big(), at('model.safetensors'));
    writeFileSync(at('model.safetensors.index.json'), JSON.stringify({ weight_map: { z: file } }));
    await expect(ng.load(at('model.safetensors.index.json'))).rejects.toThrow(message);
  });

  test('sizes that are none are refused', async () => {
    for (const maxShardSize of [0, -1, Number.NaN, 'big', '5 TB'])
      await expect(ng.save(big(), at('m.safetensors'), { maxShardSize })).rejects.toThrow(/save: maxShardSize is/);
  });
});

describe('.pt files', () => {
  test('hold anything made of tensors and plain values', async () => {
    const weight = new ng.nn.Parameter(
      ng.tensor([
        [1.5, 2],
        [3, 4],
      ]),
    );
    const row = weight.detach().at(1);
    const value = {
      weight,
      row,
      epoch: 3,
      rate: ng.float(1),
      big: 2n ** 60n,
      list: [1, 'two', null, true, [ng.tensor(5)]],
      map: new Map<unknown, unknown>([[0, { step: 1.5 }]]),
    };
    await ng.save(value, at('a.pt'));
    const read = await ng.load<typeof value & Map<string, unknown>>(at('a.pt'));
    expect(read).toBeInstanceOf(ng.Dict);
    expect(read.weight).toBeInstanceOf(ng.nn.Parameter);
    expect(read.weight.requiresGrad).toBe(true);
    expect([read.epoch, read.rate, read.big, read.get('epoch')]).toEqual([3, 1, 2n ** 60n, 3]);
    expect(read.list.slice(0, 4)).toEqual([1, 'two', null, true]);
    expect((read.list[4] as ng.Tensor[])[0]!.item()).toBe(5);
    expect((read.map.get(0) as { step: number }).step).toBe(1.5);
    // What shared memory still does.
    read.row.fill_(9);
    expect(read.weight.tolist()).toEqual([
      [1.5, 2],
      [9, 9],
    ]);
  });

  test('that PyTorch wrote give its values', async () => {
    const read = await ng.load<ng.Dict>(fixture('training.pt'));
    const { model, optimizer, scheduler, rng, next } = read as unknown as {
      model: ng.nn.StateDict;
      optimizer: ng.optim.OptimizerStateDict;
      scheduler: Record<string, unknown>;
      rng: ng.Tensor;
      next: ng.Tensor;
    };
    expect([read.epoch, read.name, read.dtype]).toEqual([3, 'mlp', 'bfloat16']);
    expect(String(read.shape)).toBe('torch.Size([5, 3])');
    expectEqual(read.half as ng.Tensor, ng.tensor([1.5, -2]).to('bfloat16'));
    const net = new ng.nn.Sequential(
      new ng.nn.Linear(3, 4),
      new ng.nn.BatchNorm1d(4),
      new ng.nn.ReLU(),
      new ng.nn.Linear(4, 1),
    );
    expect(String(net.loadStateDict(model))).toBe('<All keys matched successfully>');
    const adam = new ng.optim.Adam(net.parameters());
    adam.loadStateDict(optimizer);
    expect(adam.paramGroups[0]!.lr).toBe(0.005);
    expect(adam.paramGroups[0]!.betas).toEqual(new Tuple([0.8, 0.99]));
    expect(adam.state.size).toBe(6);
    const step = new ng.optim.lrScheduler.StepLR(adam, 2);
    step.loadStateDict(scheduler);
    expect([step.lastEpoch, step.gamma]).toEqual([3, 0.5]);
    ng.setRngState(rng);
    expect(ng.rand(3).tolist()).toEqual(next.tolist());
  });

  test('refuse what has code', async () => {
    await expect(ng.save({ model: new ng.nn.Linear(1, 1) }, at('a.pt'))).rejects.toThrow(
      /save: a module's class is code/,
    );
    await expect(ng.save({ f: () => 1 }, at('a.pt'))).rejects.toThrow(TypeError);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a Dict', () => {
  test('is a Map whose string keys are properties', () => {
    const dict = new ng.Dict();
    dict.set('epoch', 1).set('size', 5).set(0, 'zero');
    dict.epoch = 2;
    expect([dict.get('epoch'), dict.epoch, dict.size, dict.get('size')]).toEqual([2, 2, 3, 5]);
    const { epoch } = dict;
    expect(epoch).toBe(2);
    dict.delete('epoch');
    expect('epoch' in dict).toBe(false);
    expect(String(dict)).toBe("{'size': 5, 0: 'zero'}");
  });
});

test('errors say what to do', async () => {
  await expect(ng.save(state(), at('a.txt'))).rejects.toThrow(/save: "a.txt" has no known ending; name the file/);
  await expect(ng.load(at('a'))).rejects.toThrow(/load: "a" has no known ending/);
  await expect(ng.load(at('a'), { format: 'zip' as never })).rejects.toThrow(/there is no format "zip"/);
  await expect(ng.save(state(), at('a.npy'))).rejects.toThrow(/save: a .npy file holds one tensor/);
  await expect(ng.save({ epoch: 1 }, at('a.npz'))).rejects.toThrow(
    /save: epoch is .*no Tensor; npz files hold tensors only/,
  );
  await expect(ng.save([1], at('a.safetensors'))).rejects.toThrow(/hold tensors by name/);
  await expect(ng.save(state(), at('a.npz'))).rejects.toThrow(/NumPy has no bfloat16/);
  await expect(ng.save(state(), at('a.pt'), { metadata: {} })).rejects.toThrow(/no place for metadata/);
  await expect(ng.save(state(), at('a.pt'), { maxShardSize: 5 })).rejects.toThrow(
    /maxShardSize goes with .safetensors/,
  );
  await expect(ng.save(state(), at('a.pt'), { dtype: 'int64' })).rejects.toThrow(/save: dtype is "int64"/);
  await expect(ng.load(at('missing.pt'))).rejects.toMatchObject({ code: 'ENOENT' });
  expect(readdirSync(folder)).toEqual([]);
});

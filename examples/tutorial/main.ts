// The steps of the University of Amsterdam's PyTorch tutorial (Deep Learning tutorial 2): tensors, the graph, a data
// set, a network trained from scratch. It prints what the notebook prints, digit for digit, from one seed.
import * as ng from 'nodegrad';
import { print } from '../print.js';

const { data, nn, optim } = ng;

ng.manualSeed(42);

// Tensors
print(
  ng.tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { dtype: 'float32' },
  ),
);
let x = ng.rand(2, 3, 4);
print(x);
print('Shape:', x.size());
print('Size:', new ng.Size(x.shape));
print('PyTorch tensor:', ng.arange(4));

// Arithmetic, in place and not
let x1 = ng.rand(2, 3);
let x2 = ng.rand(2, 3);
print('X1', x1);
print('X2', x2);
print('Y', x1.add(x2));
x1 = ng.rand(2, 3);
x2 = ng.rand(2, 3);
print('X1 (before)', x1);
print('X2 (before)', x2);
x2.add_(x1);
print('X1 (after)', x1);
print('X2 (after)', x2);

// Shapes
x = ng.arange(6);
print('X', x);
x = x.view(2, 3);
print('X', x);
x = x.permute(1, 0);
print('X', x);

// Matrix product
x = ng.arange(6).view(2, 3);
print('X', x);
const w = ng.arange(9).view(3, 3);
print('W', w);
print('h', ng.matmul(x, w));

// Indexing
x = ng.arange(12).view(3, 4);
print('X', x);
print(x.at(':', 1));
print(x.at(0));
print(x.at(':2', -1));
print(x.at('1:3', ':'));

// The dynamic graph and its gradients
const leaf = ng.ones(3);
print(leaf.requiresGrad);
leaf.requiresGrad_(true);
print(leaf.requiresGrad);
const input = ng.arange(3, { dtype: 'float32', requiresGrad: true });
print('X', input);
const y = input.add(2).pow(2).add(3).mean();
print('Y', y);
y.backward();
print(input.grad);
print('X', ng.zeros(2, 3));

// The tutorial times a product of large matrices here; what matters for what follows is that it draws them.
ng.randn(5000, 5000);

/** Two inputs, a hidden layer, one output: a logit. */
class SimpleClassifier extends nn.Module {
  linear1: InstanceType<typeof nn.Linear>;
  act_fn: InstanceType<typeof nn.Tanh>;
  linear2: InstanceType<typeof nn.Linear>;

  constructor(inputs: number, hidden: number, outputs: number) {
    super();
    this.linear1 = new nn.Linear(inputs, hidden);
    this.act_fn = new nn.Tanh();
    this.linear2 = new nn.Linear(hidden, outputs);
  }

  override forward(batch: ng.Tensor): ng.Tensor {
    return this.linear2(this.act_fn(this.linear1(batch)));
  }
}

const model = new SimpleClassifier(2, 4, 1);
print(model);
for (const [name, parameter] of model.namedParameters()) print(`Parameter ${name}, shape ${ng.repr(parameter.size())}`);

/** Noisy points around the corners of the unit square; the label is the exclusive or of the coordinates. */
class XorDataset extends data.Dataset<[ng.Tensor, ng.Tensor]> {
  readonly points: ng.Tensor;
  readonly labels: ng.Tensor;

  constructor(
    readonly size: number,
    std = 0.1,
  ) {
    super();
    const corners = ng.randint(0, 2, [size, 2], { dtype: 'float32' });
    this.labels = corners.sum(1).eq(1).to('int64');
    this.points = corners.add(ng.randn(corners.shape).mul(std));
  }

  override get length(): number {
    return this.size;
  }

  override getItem(index: number): [ng.Tensor, ng.Tensor] {
    return [this.points.at(index), this.labels.at(index)];
  }
}

const dataset = new XorDataset(200);
print('Size of dataset:', dataset.length);
print('Data point 0:', ng.tuple(...dataset.getItem(0)));

const [batch] = new data.DataLoader(dataset, { batchSize: 8, shuffle: true });
const [points, labels] = batch!;
print('Data inputs', points.size(), '\n', points);
print('Data labels', labels.size(), '\n', labels);

// Training
const lossModule = new nn.BCEWithLogitsLoss();
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
const trainLoader = new data.DataLoader(new XorDataset(2500), { batchSize: 128, shuffle: true });
model.train();
for (let epoch = 0; epoch < 100; epoch++) {
  for (const [inputs, targets] of trainLoader) {
    const predictions = model(inputs).squeeze(1);
    const loss = lossModule(predictions, targets.to('float32'));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  }
}
print(model.stateDict());

// Evaluation
const testLoader = new data.DataLoader(new XorDataset(500), { batchSize: 128 });
model.eval();
let correct = 0;
let total = 0;
ng.noGrad(() => {
  for (const [inputs, targets] of testLoader) {
    const predicted = ng.sigmoid(model(inputs).squeeze(1)).ge(0.5).to('int64');
    correct += predicted.eq(targets).sum().item();
    total += targets.shape[0]!;
  }
});
print(`Accuracy of the model: ${((100 * correct) / total).toFixed(2)}%`);

// Logistic regression from scratch: tensors, a graph and its gradients, no module and no optimizer.
//   node --import ./scripts/typescript.mjs examples/logistic/main.ts --steps 200
import * as ng from 'nodegrad';
import { options } from '../options.js';
import { print } from '../print.js';

const { steps, points, lr } = options({ steps: 200, points: 400, lr: 0.5 });
ng.manualSeed(0);

// Two clouds of points; the label says which one a point is from.
const labels = ng.arange(points).remainder(2).float();
const centres = ng.tensor([
  [-1.0, -1.5],
  [1.5, 1.0],
]);
const inputs = ng.randn(points, 2).add(centres.at(labels.long()));

const weight = ng.zeros(2, { requiresGrad: true });
const bias = ng.zeros(1, { requiresGrad: true });

/** −log p of the right label, on average, written so that exp never overflows: log(1 + e^z) − y·z. */
function negativeLogLikelihood(): ng.Tensor {
  const logits = inputs.matmul(weight).add(bias);
  const softplus = logits.clamp({ min: 0 }).add(logits.abs().neg().exp().log1p());
  return softplus.sub(labels.mul(logits)).mean();
}

print('loss at first', negativeLogLikelihood());
for (let step = 0; step < steps; step++) {
  negativeLogLikelihood().backward();
  ng.noGrad(() => {
    for (const parameter of [weight, bias]) {
      parameter.sub_(parameter.grad!.mul(lr));
      parameter.grad = null;
    }
  });
}
print('loss at last', negativeLogLikelihood());
print('weight', weight);
print('bias', bias);

const accuracy = ng.noGrad(() => inputs.matmul(weight).add(bias).gt(0).eq(labels).float().mean());
print('accuracy', accuracy);

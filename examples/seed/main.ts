// The smallest graph: y = mean((x + 2)² + 3), and the gradient of y with respect to x.
import * as ng from 'nodegrad';

const x = ng.arange(3, { dtype: 'float32', requiresGrad: true });
console.log('X', x);

const a = x.add(2);
const b = a.pow(2);
const c = b.add(3);
const y = c.mean();
console.log('Y', y);

y.backward();
console.log(x.grad);

import * as ng from 'nodegrad';

const { nn } = ng;
const F = nn.functional;

/** A variational autoencoder of 28 × 28 pictures with values from 0 to 1. */
export class Vae extends nn.Module {
  readonly latent: number;
  encoder: ng.nn.Sequential;
  mean: ng.nn.Linear;
  logVariance: ng.nn.Linear;
  decoder: ng.nn.Sequential;

  constructor(latent: number) {
    super();
    this.latent = latent;
    this.encoder = new nn.Sequential(
      new nn.Conv2d(1, 16, 4, { stride: 2, padding: 1 }),
      new nn.ReLU(),
      new nn.Conv2d(16, 32, 4, { stride: 2, padding: 1 }),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(32 * 7 * 7, 128),
      new nn.ReLU(),
    );
    this.mean = new nn.Linear(128, latent);
    this.logVariance = new nn.Linear(128, latent);
    this.decoder = new nn.Sequential(
      new nn.Linear(latent, 128),
      new nn.ReLU(),
      new nn.Linear(128, 32 * 7 * 7),
      new nn.ReLU(),
      new nn.Unflatten(1, [32, 7, 7]),
      new nn.ConvTranspose2d(32, 16, 4, { stride: 2, padding: 1 }),
      new nn.ReLU(),
      new nn.ConvTranspose2d(16, 1, 4, { stride: 2, padding: 1 }),
    );
  }

  override forward(images: ng.Tensor): { logits: ng.Tensor; mean: ng.Tensor; logVariance: ng.Tensor } {
    const features = this.encoder(images);
    const [mean, logVariance] = [this.mean(features), this.logVariance(features)];
    // The draw is a function of mean and variance, so gradients pass through it.
    const z = mean.add(ng.randnLike(mean).mul(logVariance.mul(0.5).exp()));
    return { logits: this.decoder(z), mean, logVariance };
  }

  /** The negative evidence lower bound: reconstruction and distance from the normal distribution, a picture. */
  loss(images: ng.Tensor): { reconstruction: ng.Tensor; divergence: ng.Tensor } {
    const { logits, mean, logVariance } = (this as Vae)(images);
    const count = images.size(0);
    const reconstruction = F.binaryCrossEntropyWithLogits(logits, images, { reduction: 'sum' }).div(count);
    const divergence = mean.pow(2).add(logVariance.exp()).sub(logVariance).sub(1).sum().mul(0.5).div(count);
    return { reconstruction, divergence };
  }

  /** New pictures, from draws of the normal distribution. */
  sample(count: number): ng.Tensor {
    return ng.noGrad(() => this.decoder(ng.randn(count, this.latent)).sigmoid());
  }
}

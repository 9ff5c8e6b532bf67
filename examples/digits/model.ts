import * as ng from 'nodegrad';

const { nn } = ng;

/** A small convolutional network: two convolutions with pooling, then two linear layers. */
export class DigitNet extends nn.Module {
  features = new nn.Sequential(
    new nn.Conv2d(1, 16, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  );
  classifier = new nn.Sequential(
    new nn.Flatten(),
    new nn.Linear(32 * 7 * 7, 64),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(64, 10),
  );

  override forward(images: ng.Tensor): ng.Tensor {
    return this.classifier(this.features(images));
  }
}

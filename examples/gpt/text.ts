import * as ng from 'nodegrad';

/** A text as numbers, one for each different character. */
export class CharacterText {
  /** The different characters, in order. */
  readonly characters: readonly string[];
  readonly tokens: ng.Tensor;
  readonly #places: ReadonlyMap<string, number>;

  /** @param characters the alphabet of a model that is trained already */
  constructor(text: string, characters: readonly string[] = [...new Set(text)].sort()) {
    this.characters = characters;
    this.#places = new Map(characters.map((character, i) => [character, i]));
    this.tokens = this.encode(text);
  }

  encode(text: string): ng.Tensor {
    const numbers = Array.from(text, (character) => {
      const place = this.#places.get(character);
      if (place === undefined) throw new RangeError(`${JSON.stringify(character)} is no character of the model's.`);
      return place;
    });
    return ng.tensor(numbers, { dtype: 'int64' });
  }

  decode(tokens: ng.Tensor): string {
    return (tokens.tolist() as number[]).map((token) => this.characters[token]).join('');
  }

  /** `batchSize` random pieces of `length` characters, and for each character the one that follows it. */
  batch(batchSize: number, length: number): [inputs: ng.Tensor, targets: ng.Tensor] {
    const starts = ng.randint(0, this.tokens.numel() - length, [batchSize, 1]);
    const places = starts.add(ng.arange(length + 1));
    const pieces = this.tokens.at(places);
    return [pieces.at(':', ':-1'), pieces.at(':', '1:')];
  }
}

/**
 * Numbers as Python writes them. JavaScript rounds exact ties away from zero, Python to the even digit, and their
 * exponents look different; everything else about the two agrees, both being correctly rounded.
 */

function sign(value: number): string {
  return value < 0 || Object.is(value, -0) ? '-' : '';
}

function nonFinite(value: number): string {
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

/** Steps a decimal text that ends in an odd digit back by one unit in its last place; needs no borrow. */
function stepBack(text: string): string {
  const last = text.charCodeAt(text.length - 1) - 48;
  return last % 2 === 1 ? text.slice(0, -1) + String(last - 1) : text;
}

/** Whether `magnitude` lies exactly between two decimals of `places` places: 2 ** (places + 1) times it is odd. */
function isTie(magnitude: number, places: number): boolean {
  const scaled = magnitude * 2 ** (places + 1);
  return Number.isFinite(scaled) && Math.abs(scaled % 2) === 1;
}

/** `format(value, '.{places}f')` in Python. */
export function fixed(value: number, places: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e21)
    return sign(value) + BigInt(magnitude).toString() + (places > 0 ? `.${'0'.repeat(places)}` : '');
  const text = magnitude.toFixed(places);
  return sign(value) + (isTie(magnitude, places) ? stepBack(text) : text);
}

/** `format(value, '.{places}e')` in Python. */
export function exponential(value: number, places: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  const magnitude = Math.abs(value);
  const rounded = splitExponent(magnitude.toExponential(places));
  let digits = rounded.mantissa;
  // A tie that carried into the next power of ten (9.5 → 1e1) had a 9 above it, so Python goes up too.
  const leading = splitExponent(magnitude.toExponential()).exponent;
  if (magnitude > 0 && rounded.exponent === leading) {
    const below = places - leading;
    if (below >= 0 ? isTie(magnitude, below) : isIntegerTie(magnitude, -below)) digits = stepBack(digits);
  }
  return `${sign(value)}${digits}${exponentText(rounded.exponent)}`;
}

function splitExponent(text: string): { mantissa: string; exponent: number } {
  const at = text.indexOf('e');
  return { mantissa: text.slice(0, at), exponent: Number(text.slice(at + 1)) };
}

/** At least two digits, always signed. */
function exponentText(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Whether a magnitude lies exactly between two multiples of 10 ** zeros. */
function isIntegerTie(magnitude: number, zeros: number): boolean {
  if (!Number.isInteger(magnitude)) return false;
  const unit = 10n ** BigInt(zeros);
  return (BigInt(magnitude) % unit) * 2n === unit;
}

/** `repr(float)` in Python: the shortest digits that give the value back, an exponent below 1e-4 and from 1e16 up. */
export function floatRepr(value: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  const { mantissa, exponent } = splitExponent(Math.abs(value).toExponential());
  if (exponent < -4 || exponent >= 16) return `${sign(value)}${mantissa}${exponentText(exponent)}`;
  const digits = mantissa.replace('.', '');
  if (exponent < 0) return `${sign(value)}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign(value)}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

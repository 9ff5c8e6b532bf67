// Arithmetic on two operands.
#include "elementwise.h"

namespace ng {
namespace NG_ISA {

BINARY(any, add, kLight, plus(x, y))
BINARY(any, sub, kLight, minus(x, y))
BINARY(any, mul, kLight, times(x, y))
BINARY(fraction, div, kLight, quotient(x, y))
BINARY(quotient, floorDivide, kMedium, floorQuotient(x, y))
BINARY(quotient, truncDivide, kMedium, truncQuotient(x, y))
BINARY(quotient, remainder, kMedium, floorRemainder(x, y))
BINARY(quotient, fmod, kMedium, truncRemainder(x, y))
BINARY(real, maximum, kLight, larger(x, y))
BINARY(real, minimum, kLight, smaller(x, y))
BINARY(real, fmax, kLight, largerNumber(x, y))
BINARY(real, fmin, kLight, smallerNumber(x, y))
BINARY(number, pow, kHeavy, power(x, y))
BINARY(float, atan2, kHeavy, atan2(x, y))
BINARY(float, hypot, kMedium, hypot(x, y))
BINARY(float, copysign, kLight, copysign(x, y))
BINARY(float, nextafter, kMedium, nextafter(x, y))
// x: the gradient, y: the function's value.
BINARY(float, tanhBackward, kLight, x*(T(1.0f) - y * y))
BINARY(float, sigmoidBackward, kLight, x*(T(1.0f) - y) * y)

}  // namespace NG_ISA
}  // namespace ng

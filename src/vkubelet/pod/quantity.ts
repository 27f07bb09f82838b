/** How many of the smallest unit that is counted (n) one is: all quantities are exact as whole numbers of it. */
const NANO = 1_000_000_000n

/** k8s.io/apimachinery/pkg/api/resource/suffix.go */
const SUFFIXES: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': NANO,
  k: NANO * 10n ** 3n,
  M: NANO * 10n ** 6n,
  G: NANO * 10n ** 9n,
  T: NANO * 10n ** 12n,
  P: NANO * 10n ** 15n,
  E: NANO * 10n ** 18n,
  Ki: NANO << 10n,
  Mi: NANO << 20n,
  Gi: NANO << 30n,
  Ti: NANO << 40n,
  Pi: NANO << 50n,
  Ei: NANO << 60n,
}

/** An amount of a resource, in billionths: of a core, of a byte. */
export type Quantity = bigint

/**
 * Kubernetes' `128Mi`, `250m`, `1.5`, `1e3`. What is finer than a billionth is rounded up, as Kubernetes does.
 * @returns undefined for a text that is none, a negative one, or one of more than 2⁶³ units
 */
export function quantityOf(text: string): Quantity | undefined {
  const found = /^\+?(\d{1,30})?(?:\.(\d{0,30}))?(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/.exec(text)
  if (found === null) return undefined
  const [, whole = '', fraction = '', exponent, suffix = ''] = found
  if (whole === '' && fraction === '') return undefined
  const unit = exponent === undefined ? SUFFIXES[suffix] : NANO
  if (unit === undefined) return undefined
  const power = Number(exponent ?? 0) - fraction.length
  const digits = BigInt(whole + fraction) * unit
  const quantity = power >= 0 ? digits * 10n ** BigInt(power) : dividedUp(digits, 10n ** BigInt(-power))
  return quantity > MOST ? undefined : quantity
}

const MOST = (1n << 63n) * NANO

/** Whole units of a divisor, rounded up: what `resourceFieldRef` gives. @param divisor more than 0 */
export function dividedUp(quantity: Quantity, divisor: Quantity): bigint {
  return (quantity + divisor - 1n) / divisor
}

/** Whole bytes, or whole cores. */
export function wholeUnits(quantity: Quantity): bigint {
  return dividedUp(quantity, NANO)
}

/** Thousandths of a core. */
export function milliUnits(quantity: Quantity): bigint {
  return dividedUp(quantity, 1_000_000n)
}

import { der } from '../../model/keys/der.ts'
import { extension } from '../../model/keys/extension.ts'

/** What a key may be used for (RFC 5280 section 4.2.1.3), by its bit. */
const BITS = { digitalSignature: 0, keyEncipherment: 2, keyCertSign: 5 } as const
export type Usage = keyof typeof BITS

export function keyUsage(usages: readonly Usage[]): Uint8Array {
  const bits = usages.map((usage) => BITS[usage])
  const byte = bits.reduce<number>((sum, bit) => sum | (0x80 >> bit), 0)
  // the bits after the last one that is set are not there (X.690 section 11.2.2)
  return extension('2.5.29.15', der.bits(Uint8Array.of(byte), 7 - Math.max(...bits)), true)
}

/** RFC 5280 section 4.2.1.9. Of what is no CA, it is empty. */
export function basicConstraints({
  isCa,
  pathLength,
}: {
  readonly isCa: boolean
  readonly pathLength?: number | undefined
}): Uint8Array {
  const length = pathLength === undefined ? [] : [der.integer(Uint8Array.of(pathLength))]
  return extension('2.5.29.19', der.sequence(...(isCa ? [der.true(), ...length] : [])), true)
}

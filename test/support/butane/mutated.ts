import fc from 'fast-check'

const snippets = [
  ...[
    ' ',
    '\n',
    '\t',
    ': ',
    '- ',
    '? ',
    ',',
    '[',
    ']',
    '{',
    '}',
    '#',
    ' #',
    '&a ',
    '*a',
    '|\n',
    '>-\n',
    "'",
    '"',
    '\\',
    '%',
    '\r\n',
  ],
  ...[
    '!!str ',
    '!!int ',
    '!!binary ',
    '!x ',
    '<<: *a',
    '---\n',
    '...\n',
    '~',
    '""',
    '0644',
    '0x1F',
    '1e3',
    'yes',
    '\ufeff',
    '\u2028',
    'é',
    '🌲',
  ],
  ...['mode: 644', 'name: x.service', 'version: 1.0.0', 'data:,x', '999999999999999999999', '{a: b}', '[a, b]'],
]

type Edit = (bytes: Buffer, at: number) => Buffer

/** One of these files with a few small accidental errors. */
export function mutated(seeds: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    fc.constantFrom(...snippets).map(
      (text): Edit =>
        (bytes, at) =>
          spliced(bytes, at, 0, Buffer.from(text)),
    ),
    fc.integer({ min: 1, max: 5 }).map(
      (count): Edit =>
        (bytes, at) =>
          spliced(bytes, at, count, Buffer.alloc(0)),
    ),
    fc.integer({ min: 0, max: 255 }).map(
      (byte): Edit =>
        (bytes, at) =>
          spliced(bytes, at, 1, Buffer.of(byte)),
    ),
    fc.nat(120).map(
      (length): Edit =>
        (bytes, at) =>
          spliced(bytes, at, 0, bytes.subarray(at / 2, at / 2 + length)),
    ),
  )
  const edits = fc.array(fc.tuple(edit, fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 4 })
  return fc.tuple(fc.constantFrom(...seeds), edits).map(([seed, accidents]) => {
    let bytes = Buffer.from(seed)
    for (const [apply, share] of accidents) bytes = Buffer.from(apply(bytes, Math.floor(share * bytes.length)))
    return bytes
  })
}

function spliced(bytes: Buffer, at: number, removed: number, added: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)])
}

const machines = { amd64: 62, arm64: 183 } as const

/** A complete program in the form of elf(5), with one segment and without sections. A machine cannot really run it. */
export function elfProgram(text = 'k3s', arch: keyof typeof machines = 'amd64'): Buffer {
  const content = Buffer.from(text)
  const header = Buffer.alloc(120)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  header.writeUInt16LE(2, 16)
  header.writeUInt16LE(machines[arch], 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(64n, 32)
  header.writeUInt16LE(64, 52)
  header.writeUInt16LE(56, 54)
  header.writeUInt16LE(1, 56)
  header.writeUInt16LE(64, 58)
  // PT_LOAD, readable
  header.writeUInt32LE(1, 64)
  header.writeUInt32LE(4, 68)
  header.writeBigUInt64LE(BigInt(120 + content.length), 96)
  return Buffer.concat([header, content])
}

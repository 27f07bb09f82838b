import { open, readFile } from 'node:fs/promises'

/** Bytes that are read at once; what is searched for may be on the border of two parts. */
const PART = 16 << 20

/** Which of some texts are in the memory of a process of this machine, as far as it is its own and readable. */
export async function foundInMemory(pid: number, texts: readonly string[]): Promise<readonly string[]> {
  const wanted = texts.map((text) => Buffer.from(text))
  const overlap = Math.max(...wanted.map(({ length }) => length))
  const found = new Set<string>()
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8')
  await using memory = await open(`/proc/${pid}/mem`)
  for (const [, from = '0', to = '0'] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm)) {
    const end = Number.parseInt(to, 16)
    for (let at = Number.parseInt(from, 16); at < end; at += PART) {
      const part = Buffer.alloc(Math.min(PART + overlap, end - at))
      // a page that is gone since then
      const { bytesRead } = await memory.read(part, 0, part.length, at).catch(() => ({ bytesRead: 0 }))
      texts.forEach((text, index) => {
        const bytes = wanted[index]
        if (bytes !== undefined && part.subarray(0, bytesRead).includes(bytes)) found.add(text)
      })
    }
  }
  return [...found]
}

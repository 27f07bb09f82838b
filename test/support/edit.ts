import { readFile, writeFile } from 'node:fs/promises'

/** Replaces a text that occurs once in a file. @throws Error if it does not occur exactly once */
export async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  if (text.split(from).length !== 2) throw new Error(`${file} does not hold ${JSON.stringify(from)} once:\n${text}`)
  await writeFile(
    file,
    text.replace(from, () => to),
  )
}

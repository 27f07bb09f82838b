/**
 * Collects bytes into lines: `push` for new bytes, `end` for the text after the last newline. A character that is split
 * over two packets stays complete.
 */
export function lineSplitter(onLine: (line: string) => void): { push(bytes: Uint8Array): void; end(): void } {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  const take = (text: string) => {
    // joins the packets of a line only once
    if (!text.includes('\n')) {
      rest += text
      return
    }
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  }
  return {
    push: (bytes) => take(decoder.decode(bytes, { stream: true })),
    end: () => {
      take(decoder.decode())
      if (rest !== '') onLine(rest)
      rest = ''
    },
  }
}

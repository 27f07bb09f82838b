/** Names that wait for one owner. What is too much comes again with the next list. */
const MOST = 2000

/** Names that wait, each once. Owners take turns: one that floods makes no other wait for long. */
export class FairQueue {
  readonly #owners = new Map<string, Set<string>>()
  #wake: () => void = () => undefined

  add(owner: string, name: string): void {
    const names = this.#owners.get(owner) ?? new Set()
    if (names.size >= MOST) return
    this.#owners.set(owner, names.add(name))
    this.#wake()
  }

  /** The next one, as soon as there is one. @throws the reason of `signal` */
  async next(signal: AbortSignal): Promise<{ readonly owner: string; readonly name: string }> {
    for (;;) {
      signal.throwIfAborted()
      for (const [owner, names] of this.#owners) {
        this.#owners.delete(owner)
        const [name] = names
        if (name === undefined) continue
        names.delete(name)
        // behind all others
        this.#owners.set(owner, names)
        return { owner, name }
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal.removeEventListener('abort', wake)
          resolve()
        }
        this.#wake = wake
        signal.addEventListener('abort', wake)
      })
    }
  }
}

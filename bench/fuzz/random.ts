/** A stream of numbers that its seed decides: what a failing input needs to be made again. */
export interface Random {
  /** A whole number from 0, below `limit`. */
  below(limit: number): number
  pick<T>(from: readonly T[]): T
  chance(one: number): boolean
}

/** mulberry32 (public domain, Tommy Ettinger): small, and good enough to spread inputs. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    chance: (one) => below(one) === 0,
    pick<T>(from: readonly T[]): T {
      const found = from[below(from.length)]
      if (found === undefined && from.length === 0) throw new Error('nothing to pick from')
      return found as T
    },
  }
}

/** A text with some of its parts cut, doubled, moved, replaced by a neighbour's or by a word of the dictionary. */
export function mutate(random: Random, text: string, others: readonly string[], dictionary: readonly string[]): string {
  let changed = text
  for (let times = 1 + random.below(6); times > 0; times--) {
    const at = random.below(changed.length + 1)
    const end = Math.min(changed.length, at + 1 + random.below(random.chance(4) ? 200 : 12))
    const other = random.pick(others)
    const from = random.below(other.length + 1)
    const inserts = [
      '',
      random.pick(dictionary),
      random.pick(dictionary).repeat(1 + random.below(random.chance(20) ? 3000 : 4)),
      changed.slice(at, end).repeat(2),
      other.slice(from, from + random.below(80)),
      String.fromCharCode(random.below(random.chance(3) ? 0x10000 : 128)),
    ]
    changed = changed.slice(0, at) + random.pick(inserts) + changed.slice(random.chance(2) ? at : end)
  }
  return changed
}

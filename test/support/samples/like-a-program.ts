/** Bytes that compress about as well as a program: words of four bytes, some of them often. The same at each call. */
export function likeAProgram(bytes: number): Buffer {
  const out = Buffer.alloc(bytes)
  let state = 1
  for (let at = 0; at < bytes; at++) {
    // a linear congruential generator (Numerical Recipes)
    if (at % 4 === 0) state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const word = state >>> 28 < 11 ? (state >>> 20) & 0xff : state
    out[at] = (word >>> ((at % 4) * 8)) & 0xff
  }
  return out
}

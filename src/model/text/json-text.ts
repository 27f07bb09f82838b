import * as z from 'zod'

/** A text that another program has written, as the value that it is. */
export const jsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('no JSON')
    return z.NEVER
  }
})

/** Words in a list, as k3s notes its arguments in `k3s.io/node-args`. */
export const jsonWords = jsonText.pipe(z.array(z.string()))

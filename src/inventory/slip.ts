/** A likely mistake of typing: where it began, and what to write there. */
export interface Slip {
  readonly offset: number
  /** `a comma is missing after this`. */
  readonly found: string
  readonly todo: string
}

/** The three markers that git leaves in a file, each at the start of a line. Inside a text they may be meant. */
export function conflictSlip(text: string): Slip | undefined {
  const found = /^\ufeff?(?:<{7}|>{7}) /m.exec(text)
  return found === null
    ? undefined
    : {
        offset: found.index,
        found: 'a conflict marker of git',
        todo: 'choose one of the two versions, and delete the lines with <<<<<<<, ======= and >>>>>>>',
      }
}

/** Quotes that word processors and chats make of plain ones. */
export const CURLY_QUOTES = /[\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb]/

export function curlyQuoteSlip(offset: number): Slip {
  return { offset, found: 'a typographic quote', todo: `write a plain quote: ' or "` }
}

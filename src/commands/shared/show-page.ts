import { pageForTerminal } from '../../help/topic-page.ts'
import { helpWidth } from '../../help/wrap.ts'
import type { Io } from './command.ts'

/** A page in Markdown: laid out on a terminal, as it is for a program. */
export function showPage(page: string, io: Io): void {
  if (io.stdout.isTTY) io.show(pageForTerminal(page, { width: helpWidth(io), colors: io.colors.stdout }))
  else io.stdout.write(page)
}

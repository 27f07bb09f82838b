import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { startBrowser } from '../../test/support/browser/browser.ts'

/** The width at which the page has no empty margin. */
const WIDTH = 900

/** The page of `keel graph --out cluster.html`, as Debian's chromium-headless-shell draws it, into a PNG. */
export async function shootGraphPage(picture: URL): Promise<void> {
  await using browser = await startBrowser()
  await browser.page.emulate('light', WIDTH)
  // a test compares it with what keel prints of docs/examples/high-availability
  await browser.page.open(new URL('../../test/golden/graph/high-availability.html', import.meta.url).href)
  await writeFile(fileURLToPath(picture), await browser.page.screenshot())
}

export interface Link {
  /** Relative to the page; empty for the page itself. */
  readonly path: string
  readonly anchor?: string
}

const withoutBlocks = (text: string) => text.replaceAll(/^```.*?^```/gms, '')

/** The links and images of a page that lead to a file of this repository. */
export function linksOf(text: string): readonly Link[] {
  const prose = withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)|<img [^>]*src="([^"]+)"/g)].flatMap(([, link, image]) => {
    const [path = '', anchor] = (link ?? image ?? '').split('#')
    return path.includes(':') ? [] : [{ path, ...(anchor === undefined ? {} : { anchor }) }]
  })
}

/** The anchors that GitHub gives the headings of a page, in their order. */
export function anchorsOf(text: string): readonly string[] {
  const seen = new Map<string, number>()
  return [...withoutBlocks(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const name = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
    const before = seen.get(name) ?? 0
    seen.set(name, before + 1)
    return before === 0 ? name : `${name}-${before}`
  })
}

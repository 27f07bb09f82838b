/** What is in a file that keel writes on a host. */
export interface FileContent {
  readonly content: string
  /** Of `content`, where the file is no text. Absent: the content is the text itself. */
  readonly encoding?: 'base64'
}

export function fileBytes({ content, encoding }: FileContent): Buffer {
  return Buffer.from(content, encoding ?? 'utf8')
}

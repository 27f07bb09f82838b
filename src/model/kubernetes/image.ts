import { refusedText } from '../text/refused-text.ts'

/**
 * The grammar of references (distribution/reference), with a tag or a digest. An image whose name has neither can
 * change at any time, so it cannot be pinned.
 */
const NAME =
  /^[a-z0-9]+(?:[._-][a-z0-9]+)*(?::\d+)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+(?::[A-Za-z0-9_][\w.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$/

/** `registry.example/name:1.2` or `…@sha256:…`. @throws KeelError `image` (exit 2) */
export function parseImage(text: string): string {
  if (!NAME.test(text))
    throw refusedText('image', text, 'not the name of an image', 'the form is registry.example/name:1.2')
  if (!text.includes('@') && !/:[^/]+$/.test(text))
    throw refusedText('image', text, 'an image without a version', 'the newest image changes from day to day')
  if (text.endsWith(':latest'))
    throw refusedText('image', text, 'an image without a version', '`latest` changes from day to day')
  return text
}

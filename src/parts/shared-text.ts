/** Makes a text of a value. */
export type TextOf = <Value extends object>(value: Value, make: (value: Value) => string) => string

export const ownText: TextOf = (value, make) => make(value)

/** Makes a text once for hosts that share the value. Firewalls' rules name every node. */
export function sharedTexts(): TextOf {
  const texts = new Map<object, string>()
  return (value, make) => {
    const text = texts.get(value) ?? make(value)
    texts.set(value, text)
    return text
  }
}

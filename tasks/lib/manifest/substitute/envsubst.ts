/**
 * What GNU `envsubst '$A $B'` makes of a text when `values` holds exactly the names A and B. It knows `$NAME` and
 * `${NAME}` alone; `$$NAME` is a dollar sign and the value. gettext, gettext-runtime/src/envsubst.c
 */
export function envsubst(
  text: string,
  values: { has(name: string): boolean; get(name: string): string | undefined },
): string {
  return text.replace(reference, (raw, bare?: string, braced?: string) => {
    const name = (bare ?? braced)!
    return values.has(name) ? (values.get(name) ?? '') : raw
  })
}

const reference = /\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/g

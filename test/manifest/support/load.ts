import type { Finding } from '../../../tasks/lib/cli/errors.ts'
import { placeText } from '../../../tasks/lib/cli/errors.ts'
import type { Variables } from '../../../tasks/lib/config/model.ts'
import { type LoadOptions, loadManifests } from '../../../tasks/lib/manifest/manifest.ts'
import type { Json } from '../../../tasks/lib/manifest/object.ts'

/** Variables by name and value, as a .env file would declare them. */
export function variables(values: Record<string, string>): Variables {
  return new Map(Object.entries(values).map(([name, value]) => [name, { name, value, origin: '.env:1' }]))
}

/** Loads one text as web.yaml. */
export function load(text: string, values: Record<string, string> = {}, options: Partial<LoadOptions> = {}) {
  const { objects, findings } = loadManifests([{ path: 'web.yaml', text }], {
    variables: variables(values),
    ...options,
  })
  return {
    objects,
    findings,
    lines: findings.map(line),
    json: objects.map(({ object }) => object as unknown as Json),
  }
}

/** The `spec` of a probe whose spec has this text. */
export function spec(
  text: string,
  values: Record<string, string> = {},
  options: Partial<LoadOptions> = {},
): unknown {
  const { objects, lines } = load(`${head}spec:\n${indented(text)}\n`, values, options)
  const errors = lines.filter((finding) => finding.startsWith('error'))
  return errors.length > 0 ? errors.join('\n') : objects[0]?.object.spec
}

/** A finding as the operator reads it, without its hint. */
export function line(finding: Finding): string {
  return `${finding.severity}: ${placeText(finding)}: ${finding.message}`
}

/** The first lines of an object that only a test knows. */
export const head = 'apiVersion: probe.example/v1\nkind: Probe\nmetadata: { name: a }\n'

function indented(text: string): string {
  return text
    .split('\n')
    .map((row) => `  ${row}`)
    .join('\n')
}

import type { Finding } from '../../cli/errors.ts'
import type { Resource } from '../../node/resource.ts'

/** What cannot be made, and why: nothing at all is then changed. */
export function blockedResource(target: string, { title, why }: { title: string; why: Finding }): Resource {
  return {
    target,
    probe: ':',
    plan: () => ({ actions: [{ action: 'run', title, commands: [], blocked: why }] }),
  }
}

/** What is only said. */
export function remarks(target: string, findings: Finding[]): Resource {
  return { target, probe: ':', plan: () => ({ actions: [], findings }) }
}

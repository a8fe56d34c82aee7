import { isMap } from '../compare/values.ts'

interface Requirement {
  key: string
  operator: string
  values?: string[]
}

/** Whether labels fit a label selector: matchLabels and matchExpressions, or a ReplicationController's plain map. */
export function matchesSelector(labels: Record<string, string> = {}, selector: unknown): boolean {
  if (!isMap(selector)) return false
  const plain = !('matchLabels' in selector || 'matchExpressions' in selector)
  const equalities = (plain ? selector : (selector.matchLabels ?? {})) as Record<string, string>
  const requirements = plain ? [] : ((selector.matchExpressions ?? []) as Requirement[])
  return (
    Object.entries(equalities).every(([key, value]) => labels[key] === value) &&
    requirements.every((requirement) => fulfils(labels[requirement.key], requirement))
  )
}

function fulfils(value: string | undefined, { operator, values = [] }: Requirement): boolean {
  if (operator === 'Exists') return value !== undefined
  if (operator === 'DoesNotExist') return value === undefined
  const isListed = value !== undefined && values.includes(value)
  return operator === 'In' ? isListed : !isListed
}

import { type Finding, placeText } from '../errors.ts'
import { type Colour, type Paint, painter } from './colours.ts'

const colours: Record<Finding['severity'], Colour> = { error: 'red', warning: 'yellow', note: 'cyan' }

/** "error: manifests/web.yaml:12: $NAME is not set" and its "hint: …", ready to print. */
export function findingText(finding: Finding, paint: Paint = painter(false)): string {
  const place = placeText(finding)
  const severity = paint(colours[finding.severity], `${finding.severity}:`)
  const head = `${severity} ${place ? `${place}: ` : ''}${indentRest(finding.message)}`
  return finding.hint ? `${head}\n${paint('cyan', 'hint:')} ${indentRest(finding.hint)}` : head
}

function indentRest(text: string): string {
  return text.trimEnd().replaceAll('\n', '\n  ')
}

import type { Field } from '../field.ts'
import { scheduleProblem } from '../schedule.ts'
import { checkPodTemplate } from './pod.ts'
import { checkSelector } from './selector.ts'
import { checkFilled, checkRange } from './values.ts'

const counts = [
  'parallelism',
  'completions',
  'backoffLimit',
  'activeDeadlineSeconds',
  'ttlSecondsAfterFinished',
]

/** A Job. */
export function checkJob(object: Field): void {
  checkJobSpec(object.at('spec'))
  const { manual, selector } = {
    manual: object.at('spec', 'manualSelector').value === true,
    selector: object.at('spec', 'selector'),
  }
  checkSelector(selector)
  if (!manual && !selector.isMissing) {
    selector.error('is made by the API server', { hint: 'remove it, or add manualSelector: true' })
  }
}

/** A CronJob. */
export function checkCronJob(object: Field): void {
  const spec = object.at('spec')
  const name = object.at('metadata', 'name')
  if (name.text && name.text.length > 52) {
    name.error('expected at most 52 characters, because its Jobs add 11', { got: true })
  }
  checkSchedule(spec.at('schedule'))
  checkTimeZone(spec.at('timeZone'))
  for (const field of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) {
    checkRange(spec.at(field), { min: 0 })
  }
  const job = spec.at('jobTemplate', 'spec')
  if (spec.at('jobTemplate').isMissing) return
  if (checkFilled(job)) checkJobSpec(job)
}

function checkJobSpec(spec: Field): void {
  for (const field of counts) checkRange(spec.at(field), { min: 0 })
  const indexed = spec.at('completionMode').text === 'Indexed'
  if (indexed && spec.at('completions').isMissing && !spec.at('parallelism').isMissing) {
    spec.at('completions').error('is required because completionMode is Indexed')
  }
  if (!indexed && !spec.at('backoffLimitPerIndex').isMissing) {
    spec.at('backoffLimitPerIndex').error('needs completionMode: Indexed')
  }
  const template = spec.at('template')
  if (template.isMissing) return
  checkPodTemplate(template)
  const policy = template.at('spec', 'restartPolicy')
  if (policy.text === 'OnFailure' || policy.text === 'Never' || template.at('spec').isMissing) return
  policy.error('expected OnFailure or Never', { got: true, hint: 'add restartPolicy: OnFailure' })
}

function checkSchedule(schedule: Field): void {
  if (schedule.text === undefined) return
  if (schedule.text === '') return void checkFilled(schedule)
  const problem = scheduleProblem(schedule.text)
  if (!problem) return
  schedule.error(problem, {
    got: true,
    hint: 'minute hour day month weekday, for example "15 3 * * *" or @daily',
  })
}

function checkTimeZone(zone: Field): void {
  if (zone.text === undefined) return
  if (zone.text !== '' && zone.text !== 'Local' && isKnownZone(zone.text)) return
  zone.error('expected a time zone such as Etc/UTC or Europe/Paris', { got: true })
}

function isKnownZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

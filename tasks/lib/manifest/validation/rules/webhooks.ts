import type { Field } from '../field.ts'
import { letterLabel, subdomain } from '../names.ts'
import { checkSelector } from './selector.ts'
import { checkChoice, checkExactlyOne, checkFilled, checkName, checkRange, checkUnique } from './values.ts'

/** A ValidatingWebhookConfiguration or MutatingWebhookConfiguration. */
export function checkWebhooks(object: Field): void {
  const webhooks = object.at('webhooks').items
  for (const webhook of webhooks) checkWebhook(webhook)
  checkUnique(
    webhooks.map((webhook) => webhook.at('name')),
    'the webhook',
  )
}

function checkWebhook(webhook: Field): void {
  const name = webhook.at('name')
  if (name.text && (name.text.split('.').length < 3 || !subdomain.accepts(name.text))) {
    name.error('expected a name of at least three parts such as check.web.example.com', { got: true })
  }
  if (!webhook.at('admissionReviewVersions').isMissing) checkFilled(webhook.at('admissionReviewVersions'))
  checkChoice(webhook.at('sideEffects'), ['None', 'NoneOnDryRun'])
  checkRange(webhook.at('timeoutSeconds'), { min: 1, max: 30 })
  for (const version of webhook.at('admissionReviewVersions').items) checkName(version, letterLabel)
  checkSelector(webhook.at('namespaceSelector'))
  checkSelector(webhook.at('objectSelector'))
  const client = webhook.at('clientConfig')
  checkExactlyOne(client, ['service', 'url'], 'where the webhook is')
  checkRange(client.at('service', 'port'), { min: 1, max: 65535 })
  const url = client.at('url')
  if (url.text && !url.text.startsWith('https://'))
    url.error('expected an address that begins with https://', { got: true })
  for (const rule of webhook.at('rules').items) {
    for (const list of ['operations', 'apiGroups', 'apiVersions', 'resources']) checkFilled(rule.at(list))
  }
}

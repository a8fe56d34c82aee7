import type { Field } from '../field.ts'
import { pathSegment, subdomain } from '../names.ts'
import { checkSelector } from './selector.ts'
import { checkChoice, checkFilled, checkName } from './values.ts'

const group = 'rbac.authorization.k8s.io'

/** A Role or ClusterRole. */
export function checkRole(object: Field): void {
  const namespaced = object.at('kind').text === 'Role'
  for (const rule of object.at('rules').items) checkPolicyRule(rule, namespaced)
  const aggregation = object.at('aggregationRule')
  if (aggregation.isMissing) return
  checkFilled(aggregation.at('clusterRoleSelectors'))
  for (const selector of aggregation.at('clusterRoleSelectors').items) checkSelector(selector)
}

/** A RoleBinding or ClusterRoleBinding. */
export function checkRoleBinding(object: Field): void {
  const namespaced = object.at('kind').text === 'RoleBinding'
  const role = object.at('roleRef')
  if (!role.isMissing) {
    checkChoice(role.at('apiGroup'), [group])
    checkChoice(role.at('kind'), namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'])
    for (const name of ['kind', 'name']) checkFilled(role.at(name))
    checkName(role.at('name'), pathSegment)
  }
  for (const subject of object.at('subjects').items) checkSubject(subject, namespaced)
}

function checkPolicyRule(rule: Field, namespaced: boolean): void {
  const urls = rule.at('nonResourceURLs')
  if (!rule.at('verbs').isMissing) checkFilled(rule.at('verbs'))
  if (urls.isEmpty) {
    checkFilled(rule.at('apiGroups'), { hint: 'write apiGroups: [""] for the core group' })
    checkFilled(rule.at('resources'))
    return
  }
  if (namespaced) urls.error('a Role has none', { hint: 'use a ClusterRole' })
  const others = ['apiGroups', 'resources', 'resourceNames'].filter((name) => !rule.at(name).isEmpty)
  if (others.length > 0) urls.error(`cannot stand beside ${others[0]}`, { hint: 'write two rules' })
}

function checkSubject(subject: Field, namespaced: boolean): void {
  const kind = subject.at('kind')
  checkChoice(kind, ['ServiceAccount', 'User', 'Group'])
  for (const name of ['kind', 'name']) checkFilled(subject.at(name))
  if (kind.text === 'ServiceAccount') {
    checkName(subject.at('name'), subdomain)
    if (subject.at('apiGroup').text)
      subject.at('apiGroup').error('a ServiceAccount has none', { hint: 'remove it' })
    // In a RoleBinding the binding's own namespace is meant.
    if (!namespaced) {
      checkFilled(subject.at('namespace'), { hint: 'a ServiceAccount is found by its name and namespace' })
    }
  } else if (kind.text === 'User' || kind.text === 'Group') checkChoice(subject.at('apiGroup'), [group])
}

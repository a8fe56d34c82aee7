import { expect, it } from 'vitest'
import { planJson } from '../../tasks/lib/cli/plan/plan-json.ts'
import { planText } from '../../tasks/lib/cli/plan/plan-text.ts'
import { jsonText } from '../../tasks/lib/cli/secrets/json-text.ts'
import { fakeChange, fakeCheck, fakePlan, fakeStep } from '../support/changes.ts'

const letters = [...'abcdefghij']

const plan = fakePlan(
  [
    fakeStep(
      'namespaces',
      [
        fakeChange('Namespace web', {
          after: ['apiVersion: v1', 'kind: Namespace'],
          source: { file: 'manifests/namespaces.yaml', line: 3 },
        }),
      ],
      { title: 'Create the namespaces', unchanged: [fakeCheck('Namespace apps')] },
    ),
    fakeStep('web', [
      fakeChange('Deployment web/web', {
        action: 'update',
        before: [...letters, 'replicas: 2'],
        after: [...letters, 'replicas: 3'],
        simulated: true,
        source: { file: 'manifests/web.yaml', line: 1 },
        notes: ['dry run only: nothing answers this webhook in the sandbox'],
      }),
      fakeChange('ConfigMap web/old', { action: 'delete', before: ['data:', '  a: 1'] }),
      fakeChange('kube1', {
        action: 'run',
        title: 'kube1: create /dev/vg0/data',
        commands: ['lvcreate -n data vg0'],
      }),
      fakeChange('Service web/web', {
        action: 'update',
        before: ['clusterIP: 1'],
        after: ['clusterIP: 2'],
        blocked: {
          severity: 'error',
          file: 'manifests/web.yaml',
          line: 9,
          message: 'clusterIP cannot be changed',
          hint: 'tasks apply web --replace Service/web',
        },
      }),
    ]),
    fakeStep('flannel', [], { unchanged: [fakeCheck('DaemonSet kube-flannel/kube-flannel')] }),
  ],
  { target: 'sandbox home (simulated nodes)' },
)

it('a plan names its target and shows every line that would change', () => {
  expect(planText(plan, { detail: 'full' })).toBe(`plan for sandbox home (simulated nodes)

==> Create the namespaces (namespaces): 1 to create; 1 unchanged
+ create Namespace web  (manifests/namespaces.yaml:3)
  + apiVersion: v1
  + kind: Namespace

==> web: 2 to update, 1 to delete, 1 to run
~ update Deployment web/web  (simulated, manifests/web.yaml:1)
    …
    h
    i
    j
  - replicas: 2
  + replicas: 3
  note: dry run only: nothing answers this webhook in the sandbox
- delete ConfigMap web/old
  - data:
  -   a: 1
$ kube1: create /dev/vg0/data
  $ lvcreate -n data vg0
~ update Service web/web
  - clusterIP: 1
  + clusterIP: 2
  error: manifests/web.yaml:9: clusterIP cannot be changed
  hint: tasks apply web --replace Service/web

==> flannel: 1 unchanged

plan: 1 to create, 2 to update, 1 to delete, 1 to run; 2 unchanged; 1 blocked
`)
})

it('a compact plan has one line for what is created or deleted as a whole', () => {
  const text = planText(plan, { detail: 'compact' })
  expect(text).toContain('+ create Namespace web  (manifests/namespaces.yaml:3)\n\n')
  expect(text).toContain('- delete ConfigMap web/old\n$ kube1')
  expect(text).toContain('  - replicas: 2\n  + replicas: 3\n')
})

it('a compact plan lists ten changes of a step, and each that is blocked', () => {
  const many = Array.from({ length: 15 }, (_, n) => fakeChange(`ConfigMap c${n}`))
  many[13] = { ...many[13]!, blocked: { severity: 'error', message: 'no' } }
  const text = planText(fakePlan([fakeStep('many', many)]), { detail: 'compact' })
  expect(text).toContain(
    '+ create ConfigMap c9\n+ create ConfigMap c13\n  error: no\n  … and 4 more changes\n',
  )
  expect(planText(fakePlan([fakeStep('many', many)]), { detail: 'full' }).match(/\+ create/g)).toHaveLength(
    15,
  )
})

it('a plan without changes says that nothing is to be done', () => {
  const checks = ['a', 'b'].map((name) => fakeCheck(name))
  expect(planText(fakePlan([fakeStep('x', [], { unchanged: checks })]), { detail: 'full' })).toBe(
    'plan for test\nnothing to do: 2 objects as wanted\n',
  )
  expect(planText(fakePlan([]), { detail: 'compact' })).toBe('plan for test\nnothing to do\n')
})

it('colours mark what is added and taken away', () => {
  expect(planText(plan, { detail: 'full', colours: true })).toContain(
    '\x1b[31m  - replicas: 2\x1b[0m\n\x1b[32m  + replicas: 3\x1b[0m\n',
  )
})

it('as JSON a plan has the same changes', () => {
  const document = JSON.parse(jsonText(planJson(plan)))
  expect(document).toMatchObject({
    target: 'sandbox home (simulated nodes)',
    steps: [
      { name: 'namespaces', unchanged: 1, changes: [{ action: 'create', target: 'Namespace web' }] },
      {
        name: 'web',
        changes: [{ after: [...letters, 'replicas: 3'] }, {}, { commands: ['lvcreate -n data vg0'] }, {}],
      },
      { name: 'flannel', changes: [], unchanged: 1 },
    ],
  })
})

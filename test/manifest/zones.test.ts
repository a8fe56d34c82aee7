import { describe, expect, it } from 'vitest'
import { load } from './support/load.ts'

const values = { NAME: 'web', PORT: '8080' }

function container(field: string): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a }\nspec: { template: { spec: { ${field} } } }\n`
}

describe('in a script an undeclared name stays as written, a declared one is substituted', () => {
  it.each([
    ['containers: [{ command: [sh, -c, "echo $x $NAME ${x:-d}"] }]', 'echo $x web ${x:-d}'],
    ['initContainers: [{ args: ["echo $x $NAME"] }]', 'echo $x web'],
    ['ephemeralContainers: [{ args: ["echo $x $NAME"] }]', 'echo $x web'],
    ['containers: [{ lifecycle: { postStart: { exec: { command: ["echo $x $NAME"] } } } }]', 'echo $x web'],
    ['containers: [{ lifecycle: { preStop: { exec: { command: ["echo $x $NAME"] } } } }]', 'echo $x web'],
    ['containers: [{ livenessProbe: { exec: { command: ["echo $x $NAME"] } } }]', 'echo $x web'],
    ['containers: [{ readinessProbe: { exec: { command: ["echo $x $NAME"] } } }]', 'echo $x web'],
    ['containers: [{ startupProbe: { exec: { command: ["echo $x $NAME"] } } }]', 'echo $x web'],
  ])('%s', (field, expected) => {
    const { json, lines } = load(container(field), values)
    expect(JSON.stringify(json)).toContain(JSON.stringify(expected))
    expect(lines).toEqual([expect.stringMatching(/^note: web\.yaml:4:\d+: \$x.* as written in a script/)])
  })

  it.each([
    'containers: [{ image: $x }]',
    'containers: [{ env: [{ name: A, value: $x }] }]',
    'containers: [{ livenessProbe: { httpGet: { path: $x } } }]',
    'containers: [{ workingDir: $x, command: [a] }]',
    'command: [$x]',
    'containers: { command: [$x] }',
    'volumes: [{ args: [$x] }]',
  ])('%s is no script', (field) => {
    expect(load(container(field), values).lines).toEqual([expect.stringMatching(/^error: .*\$x is not set/)])
  })

  it('in any kind that has containers, whatever is around them', () => {
    const text =
      'apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: a }\nspec: { jobTemplate: { spec: { template: { spec: { containers: [{ args: [$x] }] } } } } }\n'
    expect(load(text).lines).toEqual([expect.stringMatching(/^note: /)])
    expect(load(text.replace('CronJob', 'Prometheus')).lines).toEqual([expect.stringMatching(/^note: /)])
  })

  it('in the data of a ConfigMap, keys included, and nowhere else in it', () => {
    const text = (field: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: $NAME }\n${field}\n`
    expect(load(text('data: { $PORT: ns/svc:$PORT, $y: "$x" }'), values).json[0]).toMatchObject({
      metadata: { name: 'web' },
      data: { '8080': 'ns/svc:8080', $y: '$x' },
    })
    expect(
      load(text('data:\n  run.sh: |\n    set -- $1 ${HOME} $x\n    echo $NAME'), values).json[0],
    ).toMatchObject({
      data: { 'run.sh': 'set -- $1 ${HOME} $x\necho web\n' },
    })
    expect(load(text('immutable: $x'), values).lines[0]).toMatch(/\$x is not set/)
    expect(load(text('binaryData: { a: $NAME, $NAME: b }'), values).json[0]).toMatchObject({
      binaryData: { a: '$NAME', $NAME: 'b' },
    })
  })

  it('takes nothing from the environment', () => {
    const environment = new Map([['HOME', { name: 'HOME', value: '/root', origin: 'environment' }]])
    const { json } = load(container('containers: [{ args: [$HOME], image: $HOME }]'), {}, { environment })
    expect(JSON.stringify(json)).toContain('{"args":["$HOME"],"image":"/root"}')
  })
})

describe('a Secret', () => {
  const text = 'apiVersion: v1\nkind: Secret\nmetadata: { name: $NAME-$PORT }\n'

  it('has its metadata substituted, never data or stringData', () => {
    const fields =
      'data: { a: $NAME, $NAME: "${UNSET}" }\nstringData: { b: "$$NAME $PORT", c: $PORT, d: 1 }\ntype: $NAME\n'
    const { json, findings } = load(text + fields, values)
    expect(findings).toEqual([])
    expect(json[0]).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'web-8080' },
      data: { a: '$NAME', $NAME: '${UNSET}' },
      stringData: { b: '$$NAME $PORT', c: '$PORT', d: 1 },
      type: 'web',
    })
  })

  it('is known by its kind where that is a variable, and inside a List', () => {
    const item = '{ apiVersion: v1, kind: $K, metadata: { name: $NAME }, data: { a: $NAME } }'
    const { json } = load(`apiVersion: v1\nkind: List\nitems: [${item}]\n`, { K: 'Secret', NAME: 'web' })
    expect(json).toEqual([
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web' }, data: { a: '$NAME' } },
    ])
  })
})

it('an object that carries the annotation metaltasks/subst: none is not substituted at all', () => {
  const object = (note: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: { name: a, annotations: { metaltasks/subst: ${note} } }\nspec: { $NAME: "$x", b: $PORT }\n---\n`
  const { json, findings } = load(object('none') + object('"other"').replace('"$x"', '1'), values)
  expect(findings).toEqual([])
  expect(json.map((one) => (one as { spec: unknown }).spec)).toEqual([
    { $NAME: '$x', b: '$PORT' },
    { web: 1, b: 8080 },
  ])
})

import { describe, expect, test } from 'vitest'
import { says, saysOf } from './support/validated.ts'

const account = (name: string, rest = '') =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ${name}${rest} }\n`
const inDefault = ', namespace: default'

describe('an object that is there twice', () => {
  test('is an error that names both places', () => {
    const said = saysOf({
      'a.yaml': account('web', inDefault),
      'b.yaml': `# b\n${account('web', inDefault)}`,
    })
    expect(said).toBe(
      'error: b.yaml:2:1: ServiceAccount default/web: is already at a.yaml:1:1\n' +
        'hint: remove one of the two, or give it another name\n',
    )
  })

  test('is found where one of them leaves out its namespace', () => {
    const files = { 'a.yaml': account('web', ', namespace: home'), 'b.yaml': account('web') }
    expect(saysOf(files)).not.toContain('already')
    const ownFiles = new Set(['a.yaml', 'b.yaml'])
    expect(saysOf(files, { ownFiles, ownNamespace: 'home' })).toContain('is already at a.yaml:1:1')
  })

  test('may be in two namespaces', () => {
    expect(says(`${account('web', ', namespace: a')}---\n${account('web', ', namespace: b')}`)).toBe('')
  })

  test('is the same object in two versions of its group', () => {
    const scaler = (version: string) =>
      `apiVersion: autoscaling/${version}\nkind: HorizontalPodAutoscaler\nmetadata: { name: web, namespace: default }\n` +
      'spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web } }\n'
    expect(says(`${scaler('v1')}---\n${scaler('v2')}`)).toContain('is already at web.yaml:1:1')
  })
})

describe('a namespace', () => {
  test('that is left out is said once for each file', () => {
    const text = `${account('a')}---\n${account('b')}---\n${account('c', inDefault)}`
    expect(says(text)).toBe(
      'note: web.yaml:1:1: ServiceAccount a and 1 more name no namespace: default is meant\n',
    )
  })

  test('that is left out in our own files is the one of the configuration', () => {
    const options = { ownFiles: new Set(['web.yaml']), ownNamespace: 'home' }
    expect(says(account('a'), options)).toContain('ServiceAccount a names no namespace: home is meant')
  })

  test('of an object that belongs to the whole cluster is a warning, because the API server drops it', () => {
    const text = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: web, namespace: web }\n'
    expect(says(text)).toBe(
      'warning: web.yaml:3:24: Namespace web/web: metadata.namespace: a Namespace is in no namespace: the API server drops it, got "web"\n' +
        'hint: remove the namespace\n',
    )
  })
})

const pods = (ports: string) =>
  'apiVersion: v1\nkind: Pod\nmetadata: { name: web, namespace: default, labels: { app: web, tier: front } }\n' +
  `spec: { containers: [{ name: web, image: web, ports: [${ports}] }] }\n`
const service = (target: string) =>
  'apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: default }\n' +
  `spec: { selector: { app: web }, ports: [{ port: 80, targetPort: ${target} }] }\n`

describe('the targetPort of a Service', () => {
  test('that no pod it selects has is a warning', () => {
    const said = says(`${service('htpp')}---\n${pods('{ name: http, containerPort: 80 }')}`)
    expect(said).toBe(
      'warning: web.yaml:4:53: Service default/web: spec.ports[0].targetPort: no pod that the Service selects has a port of this name, got "htpp"\n' +
        'hint: did you mean http?\n',
    )
  })

  test.each([
    ['is a number', `${service('81')}---\n${pods('{ containerPort: 80 }')}`],
    ['is the name of a port', `${service('http')}---\n${pods('{ name: http, containerPort: 80 }')}`],
    ['selects no pod of the set', service('http')],
  ])('is fine where it %s', (_case, text) => {
    expect(says(text)).toBe('')
  })
})

const configMap = (data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web, namespace: default, annotations: { example.com/a: $A } }\ndata: { a: ${data} }\n`

describe('a reference that is left over', () => {
  test('in the value of a variable is a warning: values are not substituted again', () => {
    expect(says(configMap('x'), { values: { A: 'www.$DOMAIN' } })).toBe(
      'warning: web.yaml:3:59: ConfigMap default/web: metadata.annotations[example.com/a]: $DOMAIN stays as it is: the value of a variable is not substituted again, $A gave "www.$DOMAIN"\n' +
        'hint: change the value of A\n',
    )
  })

  test('outside scripts is a warning in our own files', () => {
    const text = account('web', `${inDefault}, annotations: { a: "$\${NAME}" }`)
    const own = says(text, { ownFiles: new Set(['web.yaml']) })
    expect(own).toContain('warning: web.yaml:3:')
    expect(own).toContain('${NAME} stays as it is')
    expect(says(text)).toBe('')
  })

  test('in a script is what the script means', () => {
    const said = says(configMap('"echo $$HOME"'), { values: { A: 'x' }, ownFiles: new Set(['web.yaml']) })
    expect(said).toBe('')
  })
})

test('findings come in the order of the files, then of the lines', () => {
  const bad = (number: number) => account(`B_${number}`, inDefault)
  const said = saysOf({ 'z.yaml': `${bad(1)}---\n${bad(2)}`, 'a.yaml': `${bad(3)}---\n${bad(4)}` })
  expect(said.match(/\w+\.yaml:\d+/g)).toEqual(['z.yaml:3', 'z.yaml:7', 'a.yaml:3', 'a.yaml:7'])
})

import { describe, expect, it } from 'vitest'
import { load } from './support/load.ts'

const text = `# head
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: $NAME
  labels: { app.kubernetes.io/name: $NAME, "tier": web }
  annotations:
    $NAME/port: "$PORT"
spec:
  replicas: \${REPLICAS:-$COUNT}
  template: &t
    spec:
      containers:
        - name: side
          image: x
        - image: nginx:$PORT
          name: $NAME
          ports: [{ containerPort: $PORT }]
  other: *t
`
const values = { NAME: 'web', PORT: '8080', COUNT: '2' }

describe('an object knows where it is from', () => {
  const { objects } = load(
    `${text}---\napiVersion: v1\nkind: List\nitems:\n  - kind: Pod\n    apiVersion: v1\n    metadata: { name: b, x: $PORT }\n`,
    values,
  )

  it('by the line of its first key', () => {
    expect(objects.map(({ source }) => source)).toEqual([
      { file: 'web.yaml', line: 3, column: 1 },
      { file: 'web.yaml', line: 25, column: 5 },
    ])
  })

  it('with the variables that made it', () => {
    expect(
      objects[0]!.variables.map(({ name, path, line, column }) => `${name} ${path} ${line}:${column}`),
    ).toEqual([
      'NAME metadata.name 6:9',
      'NAME metadata.labels[app.kubernetes.io/name] 7:37',
      'PORT metadata.annotations[$NAME/port] 9:18',
      'NAME metadata.annotations 9:5',
      'COUNT spec.replicas 11:25',
      'PORT spec.template.spec.containers[1].image 17:24',
      'NAME spec.template.spec.containers[1].name 18:17',
      'PORT spec.template.spec.containers[1].ports[0].containerPort 19:36',
      'PORT spec.other.spec.containers[1].image 17:24',
      'NAME spec.other.spec.containers[1].name 18:17',
      'PORT spec.other.spec.containers[1].ports[0].containerPort 19:36',
    ])
    expect(objects[1]!.variables).toMatchObject([{ name: 'PORT', path: 'metadata.x', line: 27 }])
  })

  it.each([
    ['', '3:1'],
    ['metadata.name', '6:3'],
    ['.metadata.name', '6:3'],
    ['metadata.labels[app.kubernetes.io/name]', '7:13'],
    ['metadata.labels["app.kubernetes.io/name"]', '7:13'],
    ['metadata.labels.app.kubernetes.io/name', '7:13'],
    ['metadata.labels.tier', '7:44'],
    ['metadata.annotations[web/port]', '9:5'],
    ['spec.template.spec.containers[1].image', '17:11'],
    ['spec.template.spec.containers[1]', '17:11'],
    ['.spec.template.spec.containers[name="web"].ports[0].containerPort', '19:21'],
    ['spec.template.spec.containers[name="side"].image', '16:11'],
    ['spec.template.spec.containers[1].resources.limits', '17:11'],
    ['spec.template.spec.containers[7].image', '14:7'],
    ['spec.selector', '10:1'],
    ['spec.other.spec.containers[0].name', '15:11'],
    ['status', '3:1'],
  ])('%j stands at %s', (path, expected) => {
    const { line, column } = objects[0]!.placeOf(path)
    expect(`${line}:${column}`).toBe(expected)
  })

  it('inside a List too', () => {
    expect(objects[1]!.placeOf('metadata.x')).toEqual({ file: 'web.yaml', line: 27, column: 26 })
  })
})

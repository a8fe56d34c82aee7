import { expect, test } from 'vitest'
import { dependsOnAnnotation, orderedWaves } from '../../tasks/lib/api/apply/depends-on.ts'
import { inManifest, object } from '../support/objects.ts'

function depending(type: string, name: string, on?: string) {
  const metadata = on ? { annotations: { [dependsOnAnnotation]: on } } : {}
  return inManifest(object(type, name, { metadata }))
}

function names(waves: ReturnType<typeof orderedWaves>): string[][] {
  return waves.map((wave) => wave.map(({ object }) => object.metadata.name))
}

test('objects go in the order of their waves, those of one wave together', () => {
  const objects = [
    depending('Deployment apps/v1', 'web/app'),
    depending('ConfigMap', 'web/conf'),
    depending('Namespace', 'web'),
    depending('Secret', 'web/pass'),
  ]
  expect(names(orderedWaves(objects))).toEqual([['web'], ['conf', 'pass'], ['app']])
})

test('an object that depends on others of its wave comes after them, step by step', () => {
  const objects = [
    depending('Deployment apps/v1', 'web/front', 'apps/namespaces/web/Deployment/back'),
    depending(
      'Deployment apps/v1',
      'web/back',
      'apps/namespaces/web/Deployment/db, /namespaces/web/Service/db',
    ),
    depending('Deployment apps/v1', 'web/db'),
    depending('Service', 'web/db'),
    depending('Deployment apps/v1', 'web/other'),
  ]
  expect(names(orderedWaves(objects))).toEqual([['db'], ['db', 'other'], ['back'], ['front']])
})

test('an object that depends on one of a later wave comes after that', () => {
  const objects = [
    depending('ConfigMap', 'web/late', 'batch/namespaces/web/Job/setup'),
    depending('Job batch/v1', 'web/setup'),
    depending('Ingress networking.k8s.io/v1', 'web/in'),
  ]
  expect(names(orderedWaves(objects))).toEqual([['setup'], ['late'], ['in']])
})

test('objects that depend on each other are an error that names the chain', () => {
  const objects = [
    depending('ConfigMap', 'web/a', '/namespaces/web/ConfigMap/b'),
    depending('ConfigMap', 'web/b', '/namespaces/web/ConfigMap/c'),
    depending('ConfigMap', 'web/c', '/namespaces/web/ConfigMap/b'),
  ]
  expect(() => orderedWaves(objects)).toThrow(
    'objects depend on each other: ConfigMap web/b -> ConfigMap web/c -> ConfigMap web/b',
  )
})

test('a reference that is none is an error with the two forms it may have', () => {
  const wrong = [depending('ConfigMap', 'web/a', 'ConfigMap/b')]
  expect(() => orderedWaves(wrong)).toThrow('ConfigMap web/a depends on "ConfigMap/b", which is no reference')
})

test('forty thousand objects are put in order within the time a test has', () => {
  const objects = Array.from({ length: 40_000 }, (_, at) => depending('PersistentVolume', `pv-${at}`))
  expect(orderedWaves(objects).map((wave) => wave.length)).toEqual([40_000])
})

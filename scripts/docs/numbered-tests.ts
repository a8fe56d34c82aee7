import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** A test, or a group of tests, whose name begins with numbers of checks: "A03 a second run …". */
export interface NumberedTest {
  numbers: string[]
  name: string
  /** "test/lab/volumes.test.ts" */
  file: string
}

const numbersRule = /^([A-I]\d\d(?:(?:, | and )[A-I]\d\d)*)[ :]+/

/** The numbers that a name begins with. */
export function numbersOf(name: string): string[] {
  return numbersRule.exec(name)?.[1]?.split(/, | and /) ?? []
}

/** Every numbered test of a project, by file and line. */
export function numberedTests(root: string): NumberedTest[] {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  return files
    .filter((path) => path.endsWith('.test.ts'))
    .sort()
    .flatMap((path) => testsOf(readFileSync(join(root, 'test', path), 'utf8'), `test/${path}`))
}

/** The numbered tests that a source declares. */
export function testsOf(source: string, file: string): NumberedTest[] {
  const found: NumberedTest[] = []
  const visit = (node: ts.Node): void => {
    const name = ts.isCallExpression(node) && isTest(node.expression) ? nameOf(node.arguments[0]) : undefined
    const numbers = name === undefined ? [] : numbersOf(name)
    if (numbers.length > 0) found.push({ numbers, name: name!.replace(numbersRule, ''), file })
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest))
  return found
}

// test(…), test.each(…)(…), describe.skipIf(…)(…) and the like.
function isTest(called: ts.Expression): boolean {
  if (ts.isIdentifier(called)) return ['test', 'it', 'describe'].includes(called.text)
  if (ts.isPropertyAccessExpression(called) || ts.isCallExpression(called)) return isTest(called.expression)
  return ts.isTaggedTemplateExpression(called) && isTest(called.tag)
}

function nameOf(node: ts.Expression | undefined): string | undefined {
  if (node === undefined) return undefined
  if (ts.isStringLiteralLike(node)) return node.text
  if (!ts.isTemplateExpression(node)) return undefined
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')
}

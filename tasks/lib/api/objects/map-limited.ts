/** Maps in order of arrival, so many at once; the first failure ends it. */
export async function mapLimited<T, R>(
  items: T[],
  { limit, map }: { limit: number; map: (item: T) => Promise<R> },
): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const at = next++
      results[at] = await map(items[at]!)
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results
}

type Listener = (isAsking: boolean) => void

const listeners = new Set<Listener>()

/** Hears when a question begins and when it has its answer: what moves on the terminal would paint over it. */
export function onAsking(listener: Listener): void {
  listeners.add(listener)
}

/** Has the terminal to itself while a question is asked. */
export async function whileAsking<T>(ask: () => Promise<T>): Promise<T> {
  for (const listen of listeners) listen(true)
  try {
    return await ask()
  } finally {
    for (const listen of listeners) listen(false)
  }
}

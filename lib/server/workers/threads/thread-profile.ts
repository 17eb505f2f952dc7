import { MessageChannel, type MessagePort, type Worker as Thread } from 'node:worker_threads'
import { takeCpuProfile } from '../../../profiling/cpu-profile.js'

/** For a thread: take a profile of yourself. It is sent to the port; if that is closed before, nobody wants it any more. */
export interface ProfileOrder {
  readonly seconds: number
  readonly port: MessagePort
}

type ProfileAnswer = { readonly profile: string } | { readonly error: Error }

/** Undefined if the signal aborts it, or the thread ends. */
export function askForProfile(
  thread: Thread,
  seconds: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { port1, port2 } = new MessageChannel()
  const order: ProfileOrder = { seconds, port: port2 }
  thread.postMessage(order, [port2])
  const close = (): void => port1.close()
  signal.addEventListener('abort', close, { once: true })
  return new Promise((resolve, reject) => {
    port1.once('message', (answer: ProfileAnswer) => {
      close()
      if ('error' in answer) reject(answer.error)
      else resolve(answer.profile)
    })
    port1.once('close', () => {
      signal.removeEventListener('abort', close)
      resolve(undefined)
    })
  })
}

export async function answerProfile({ seconds, port }: ProfileOrder): Promise<void> {
  const unwanted = new AbortController()
  port.once('close', () => unwanted.abort())
  try {
    const profile = await takeCpuProfile(seconds, unwanted.signal)
    if (profile !== undefined) port.postMessage({ profile } satisfies ProfileAnswer)
  } catch (error) {
    port.postMessage({ error: error as Error } satisfies ProfileAnswer)
  }
  port.close()
}

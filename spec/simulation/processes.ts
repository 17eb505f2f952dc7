import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { RunReport, SeedRange } from './run-seeds.js'

/** Runs seeds in a process of their own, with the simulation of a compiled tree. */
export async function runInProcess(tree: string, range: SeedRange): Promise<RunReport> {
  const program = join(tree, 'spec', 'simulation', 'main.js')
  const child = spawn(process.execPath, [program, '--report', JSON.stringify(range)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [said, complained] = ['', '']
  child.stdout.on('data', (text: Buffer) => {
    said += text
  })
  child.stderr.on('data', (text: Buffer) => {
    complained += text
  })
  // With a defect a run may never end.
  const timer = setTimeout(() => child.kill('SIGKILL'), range.secondsMax * 1000)
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  if (code === 0) return JSON.parse(said) as RunReport
  return {
    seedCount: 0,
    operationCount: 0,
    startCount: 0,
    digest: 0,
    findings: [{ seed: 0, message: `ended with ${code}: ${complained}` }],
  }
}

/** Calls a function for each input, this many at a time. Returns the results in the order of the inputs. */
export async function inParallel<Input, Output>(
  inputs: readonly Input[],
  count: number,
  run: (input: Input) => Promise<Output>,
): Promise<Output[]> {
  const outputs: Output[] = []
  let next = 0
  const goOn = async (): Promise<void> => {
    while (next < inputs.length) {
      const index = next++
      outputs[index] = await run(inputs[index]!)
    }
  }
  await Promise.all(Array.from({ length: count }, goOn))
  return outputs
}

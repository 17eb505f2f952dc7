import { statfsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RecoveryFigures, recovered } from '../journal/recovery.js'
import { Client } from '../support/client.js'
import { MEGABYTE } from '../support/filler.js'
import type { ServerKind } from '../support/server-kinds.js'
import { LoadedServer } from './loaded-server.js'
import { type Probed, probe } from './probe.js'

export interface KeptFigures {
  /** While items are stored, and snapshots are taken as the journal grows. */
  readonly storing: Probed<number>
  readonly recovery: RecoveryFigures
  /** Until one snapshot of all items is complete, while some of them are stored again. */
  readonly snapshot: Probed<SnapshotFigures>
}

export interface SnapshotFigures {
  readonly byteLength: number
  readonly seconds: number
}

/** The directory holds two snapshots for a while, and journals. */
const SPACE_NEEDED = 2.5
const RENEWED_PER_SECOND = 20_000
const LOOK_MS = 1_000
/** For items, the probe and `stats`. */
const CONNECTION_COUNT = 10
const RECOVERY_MS_MAX = 600_000

/** Stores items in a server with this data directory, kills it, and has the next one recover and take a snapshot. */
export async function keptFigures(
  kind: ServerKind,
  folder: string,
  memoryMegabytes: number,
  keptMegabytes: number,
): Promise<KeptFigures> {
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < SPACE_NEEDED * keptMegabytes * MEGABYTE)
    throw new Error(`${folder} has no room for ${SPACE_NEEDED} times ${keptMegabytes} MB`)
  const command = [...kind.command, '--data', `${folder}/data`]
  const needs = { memoryMegabytes, connectionCount: CONNECTION_COUNT, startMsMax: RECOVERY_MS_MAX }

  const first = await LoadedServer.start({ ...kind, command }, needs)
  const storing = await probe(first.server.port, first.run('store', keptMegabytes))
  await first.kill()

  const interval = ['--snapshot-interval', '1']
  const second = await LoadedServer.start({ ...kind, command: [...command, ...interval] }, needs)
  const asking = await Client.connect(second.server.port)
  const recovery = await recovered(asking)
  await second.run('renew', RENEWED_PER_SECOND)
  const snapshot = await probe(second.server.port, nextSnapshot(asking))
  asking.close()
  await second.kill()
  return { storing, recovery, snapshot }
}

async function nextSnapshot(client: Client): Promise<SnapshotFigures> {
  const before = await client.statistic('snapshots', 'journal')
  while ((await client.statistic('snapshots', 'journal')) === before) await sleep(LOOK_MS)
  return {
    byteLength: await client.statistic('last_snapshot_bytes', 'journal'),
    seconds: (await client.statistic('last_snapshot_ms', 'journal')) / 1000,
  }
}

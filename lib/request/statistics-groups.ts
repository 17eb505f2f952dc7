/** The groups of statistics, by the names that clients ask for. */
const STATISTICS_GROUPS = [
  'reset',
  'settings',
  'detail',
  'items',
  'slabs',
  'sizes',
  'conns',
  'journal',
  'latency',
  'hotkeys',
  'gateway',
] as const

export type StatisticsGroup = (typeof STATISTICS_GROUPS)[number]

export const isStatisticsGroup = (name: string): name is StatisticsGroup =>
  (STATISTICS_GROUPS as readonly string[]).includes(name)

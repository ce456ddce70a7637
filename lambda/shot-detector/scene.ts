import { belongs, shotOf, shotsIn, type Hearing, type Shot, type ShotRule } from './corroboration';

/** What was heard in the last minutes, and which shots those were. */
export interface Scene {
  readonly hearings: readonly (Hearing & { readonly shot?: string })[];
  readonly shots: readonly Shot[];
}

export const SILENCE: Scene = { hearings: [], shots: [] };

/** What comes later than that is not of a shot that is known. */
export const REMEMBERED = 5 * 60_000;

/** What one item of a table can hold, and several times what a city hears in five minutes. */
const MOST = 500;

/** How much worse times may agree once one more sensor has told: worse, and that one is an echo. */
const WORSE = 3;

/**
 * The scene with one more hearing; the very one that was given if it knows it already, or can't take any more.
 *
 * One that belongs to a shot joins it, and makes its place more accurate if it is of the direct sound.
 */
export function hear(scene: Scene, hearing: Hearing, rule: ShotRule, now: number): Scene {
  const recent = recentOf(scene, now);
  if (recent.hearings.some(({ id }) => id === hearing.id) || recent.hearings.length >= MOST) return scene;
  const shot = recent.shots.find((each) => belongs(hearing, each, rule));
  if (!shot) return { ...recent, hearings: [...recent.hearings, hearing] };
  const joined = join(shot, hearing, rule);
  return {
    hearings: [...recent.hearings, { ...hearing, shot: shot.id }],
    shots: recent.shots.map((each) => (each === shot ? joined : each)),
  };
}

/** Looks for shots in what has had its time to come in; the very scene that was given if there are none. */
export function decide(scene: Scene, rule: ShotRule, now: number): Scene {
  const free = scene.hearings.filter(({ shot }) => shot === undefined);
  if (!free.some(({ receivedAt }) => receivedAt <= now - rule.settle)) return scene;
  const found = shotsIn(free, rule);
  if (found.length === 0) return scene;
  const shots = [...scene.shots, ...found];
  const claimed = (hearing: Hearing) => found.find((shot) => shot.hearings.some(({ id }) => id === hearing.id));
  const hearings = scene.hearings.map((hearing) => {
    if (hearing.shot !== undefined) return hearing;
    const shot = claimed(hearing) ?? found.find((each) => belongs(hearing, each, rule));
    return shot ? { ...hearing, shot: shot.id } : hearing;
  });
  return recentOf({ hearings, shots }, now);
}

function join(shot: Shot, hearing: Hearing, rule: ShotRule): Shot {
  if (shot.hearings.some(({ sensor }) => sensor === hearing.sensor)) return shot;
  const next = shotOf([...shot.hearings, hearing], rule);
  if (!next || next.method === 'CENTROID' || (next.residual ?? 0) > WORSE * rule.jitter) return shot;
  return { ...next, id: shot.id };
}

function recentOf({ hearings, shots }: Scene, now: number): Scene {
  return {
    hearings: hearings.filter(({ receivedAt }) => receivedAt > now - REMEMBERED),
    shots: shots.filter(({ occurredAt }) => occurredAt > now - REMEMBERED),
  };
}

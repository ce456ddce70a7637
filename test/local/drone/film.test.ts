import { execFileSync } from 'node:child_process';
import { ObjectModel } from '../../../local/cloud/rekognition/object-model';
import { renderFilm, type Film } from '../../../local/drone/film';
import { clusterOf, type Fragment } from '../../../local/drone/matroska';
import { middles, timeOf } from '../../../local/drone/time-pattern';

let film: Film;

beforeAll(async () => {
  film = await renderFilm();
});

/** What ffmpeg makes of a fragment. */
function decoded(fragment: Fragment, ...options: string[]): Buffer {
  const input = Buffer.concat([film.header, clusterOf(fragment, 1_795_000_000_000)]);
  return execFileSync('ffmpeg', ['-v', 'error', '-i', 'pipe:0', ...options, 'pipe:1'], { input, maxBuffer: 2 ** 27 });
}

test('in each picture of the film is where in it it is', () => {
  const [width, height] = [640, 360];
  const pictures = [...film.cruise, ...film.encounter].flatMap((fragment) => {
    const pixels = decoded(fragment, '-f', 'rawvideo', '-pix_fmt', 'gray');
    return Array.from({ length: fragment.frames }, (_, index) =>
      pixels.subarray(width * height * index, width * height * (index + 1)),
    );
  });
  const times = pictures.map((picture) =>
    timeOf(middles().map(({ x, y }) => picture[Math.floor(y * height) * width + Math.floor(x * width)] > 127)),
  );
  expect(times).toEqual(Array.from({ length: 180 }, (_, index) => 100 * index));
});

test('a model that knows persons sees one whenever one is met, and none before', async () => {
  const model = await ObjectModel.load();
  const persons = async (fragment: Fragment) => {
    const seen = await model.detect(decoded(fragment, '-frames:v', '1', '-q:v', '4', '-f', 'mjpeg'));
    return seen.filter(({ label }) => label === 'person');
  };
  for (const fragment of film.encounter) {
    const [{ confidence, boundingBox }] = await persons(fragment);
    expect(confidence).toBeGreaterThan(70);
    expect(boundingBox.left).toBeGreaterThan(0.55);
    expect(boundingBox.height).toBeGreaterThan(0.5);
  }
  for (const fragment of film.cruise) expect(await persons(fragment)).toEqual([]);
});

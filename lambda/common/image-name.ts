/**
 * When the image was captured, by the clock that those of a stream are chosen by, in milliseconds since 1970; nothing if the
 * key isn't `…_<milliseconds>_<random>.jpg`. Such times have 13 digits from 2001 to 2286.
 *
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/images.html
 */
export function timeOfImage(key: string): number | undefined {
  const [, milliseconds] = /_(\d{13})_[^_/]+\.(?:jpe?g|png)$/i.exec(key) ?? [];
  return milliseconds === undefined ? undefined : Number(milliseconds);
}

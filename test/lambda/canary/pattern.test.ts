import { readFileSync } from 'node:fs';
import { elementsOf, ID, IMAGE_TAG, PATTERN } from '../../../lambda/canary/make-pattern';

const [header, segment] = elementsOf(readFileSync(PATTERN));
const elements = elementsOf(segment.content);

/** The value of the element of a cluster that says when it begins, in milliseconds. */
function timecode(cluster: Buffer): number {
  const { content } = elementsOf(cluster).find(({ id }) => id === 0xe7)!;
  return content.readUIntBE(0, content.length);
}

test('the pattern is one segment that goes on, with the elements that Kinesis Video Streams allows', () => {
  expect(header.id).toBe(ID.header);
  // A size that isn't known has all bits set.
  expect(segment.whole.subarray(4, 12).toString('hex')).toBe('01ffffffffffffff');
  const { info, tracks, cluster, tags } = ID;
  expect(elements.map(({ id }) => id)).toEqual([info, tracks, cluster, tags, cluster, tags, cluster, tags]);
});

test('it has the codec and the private data that HLS needs', () => {
  const [, tracks] = elements;
  expect(tracks.content.includes('V_MPEG4/ISO/AVC')).toBe(true);
  // https://www.matroska.org/technical/codec_specs.html: AVCDecoderConfigurationRecord, version 1
  const at = tracks.content.indexOf(Buffer.from('63a2', 'hex'));
  expect(tracks.content[at + 3]).toBe(1);
});

test('each fragment begins in time after two seconds, with a key frame', () => {
  const clusters = elements.filter(({ id }) => id === ID.cluster);
  expect(clusters.map(({ content }) => timecode(content))).toEqual([0, 2000, 4000]);
  for (const { content } of clusters) {
    const block = elementsOf(content).find(({ id }) => id === 0xa3)!;
    expect(block.content[3] & 0x80).toBe(0x80);
  }
});

test('images are made of each fragment', () => {
  const tags = elements.filter(({ id }) => id === ID.tags);
  for (const { content } of tags) {
    const [tag] = elementsOf(content);
    const [simple] = elementsOf(tag.content);
    const [name] = elementsOf(simple.content);
    expect([tag.id, simple.id, name.id]).toEqual([ID.tag, ID.simpleTag, ID.tagName]);
    expect(name.content.toString()).toBe(IMAGE_TAG);
  }
});

import {
  BufferSource,
  BufferTarget,
  CmafOutputFormat,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  MatroskaInputFormat,
  Mp4OutputFormat,
  Output,
  type EncodedPacket,
  type OutputFormat,
} from 'mediabunny';
import { ServiceError } from '../service';
import { matroskaOf, type Fragment } from './recordings';

const H264 = 'V_MPEG4/ISO/AVC';
const AAC = 'A_AAC';

/** A fragment, and when it is to be shown, in milliseconds. */
export interface Placed {
  readonly fragment: Fragment;
  readonly at: number;
}

/**
 * What players can't play isn't given to them.
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_reader_GetHLSStreamingSessionURL.html
 * @throws ServiceError
 */
export function checkPlayable({ head }: Fragment): void {
  const [first, second] = head.tracks;
  if (first.codec !== H264 || (second && second.codec !== AAC)) {
    const codecs = head.tracks.map(({ codec }) => codec).join(', ');
    throw new ServiceError('UnsupportedStreamMediaTypeException', `What is in the stream can't be played: ${codecs}.`);
  }
  if (!head.tracks.every(({ codecPrivate }) => codecPrivate?.length)) {
    throw new ServiceError('MissingCodecPrivateDataException', 'A track has no codec private data.');
  }
  // https://www.iso.org/standard/83336.html: the version of the record is 1. What begins otherwise is in Annex B form.
  if (first.codecPrivate![0] !== 1 || first.codecPrivate!.length < 7) {
    throw new ServiceError(
      'InvalidCodecPrivateDataException',
      'The codec private data of track 1 is in no AVC format.',
    );
  }
}

/** What a player needs before fragments of the same head as this one. */
export async function initializationOf(fragment: Fragment): Promise<Buffer> {
  const initTarget = new BufferTarget();
  await mux([{ fragment, at: 0 }], new CmafOutputFormat(), initTarget);
  return Buffer.from(initTarget.buffer!);
}

export async function segmentOf(placed: Placed): Promise<Buffer> {
  return mux([placed], new CmafOutputFormat(), new BufferTarget());
}

/** All of them, which have the same head. */
export async function mp4Of(all: readonly Placed[]): Promise<Buffer> {
  return mux(all, new Mp4OutputFormat({ fastStart: 'in-memory' }));
}

async function mux(all: readonly Placed[], format: OutputFormat, initTarget?: BufferTarget): Promise<Buffer> {
  const target = new BufferTarget();
  const output = new Output({ format, target, ...(initTarget && { initTarget }) });
  const [{ fragment: first }] = all;
  const inputs = all.map(({ fragment }) => open(fragment));
  const video = new EncodedVideoPacketSource('avc');
  output.addVideoTrack(video);
  const audio = first.head.tracks.length > 1 ? new EncodedAudioPacketSource('aac') : undefined;
  if (audio) output.addAudioTrack(audio);
  await output.start();
  for (const [index, { fragment, at }] of all.entries()) {
    // Time codes are of the producer's clock, and those here of the place where the fragment is.
    const place = (packet: EncodedPacket) =>
      packet.clone({ timestamp: packet.timestamp - fragment.timecode / 1000 + at / 1000 });
    const pictures = (await inputs[index].getPrimaryVideoTrack())!;
    const decoderConfig = (await pictures.getDecoderConfig())!;
    for await (const packet of new EncodedPacketSink(pictures).packets()) {
      await video.add(place(packet), { decoderConfig });
    }
    const sound = audio && (await inputs[index].getPrimaryAudioTrack());
    if (!sound) continue;
    const audioConfig = (await sound.getDecoderConfig())!;
    for await (const packet of new EncodedPacketSink(sound).packets()) {
      await audio.add(place(packet), { decoderConfig: audioConfig });
    }
  }
  await output.finalize();
  for (const input of inputs) input.dispose();
  return Buffer.from(target.buffer!);
}

function open(fragment: Fragment): Input {
  return new Input({ source: new BufferSource(matroskaOf([fragment])), formats: [new MatroskaInputFormat()] });
}

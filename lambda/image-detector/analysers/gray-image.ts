import { decode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { contentType } from '../objects';

/** An image in levels of gray from 0 to 255, row by row. */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  readonly levels: Uint8Array;
}

/**
 * Bounds of what is decoded, because a device can write what it wants to its folder, and a few bytes can stand for
 * gigabytes, or for hours of work.
 */
const MAX_PIXELS = 1920 * 1080;
const MAX_SCANS = 32;

/** @throws Error when it isn't an image, not a whole one, or larger than `MAX_PIXELS` */
export function decodeGray(bytes: Buffer): GrayImage {
  switch (contentType(bytes)) {
    case 'image/jpeg':
      return grayOf(decodeJpeg(bytes));
    case 'image/png':
      return grayOf(decodePng(bytes));
    default:
      throw new Error('it is neither a JPEG nor a PNG');
  }
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Four channels. */
  readonly data: Uint8Array;
}

function decodeJpeg(bytes: Buffer): Pixels {
  // Each scan goes over the whole image, however little it says.
  if (bytes.toString('latin1').split('\xff\xda').length - 1 > MAX_SCANS)
    throw new Error(`it has over ${MAX_SCANS} scans`);
  return decode(bytes, {
    useTArray: true,
    maxResolutionInMP: MAX_PIXELS / 1e6,
    maxMemoryUsageInMB: 128,
  });
}

function decodePng(bytes: Buffer): Pixels {
  // https://www.w3.org/TR/png-3/#11IHDR, which is the first chunk.
  if (bytes.length < 29) throw new Error('it has no header');
  const pixels = bytes.readUInt32BE(16) * bytes.readUInt32BE(20);
  if (pixels > MAX_PIXELS) throw new Error(`it has ${pixels} pixels; ${MAX_PIXELS} are allowed`);
  // Those are inflated without a bound.
  if (bytes[28] !== 0) throw new Error('it is interlaced');
  return PNG.sync.read(bytes);
}

/** By the weights of the JPEG's own brightness, which for gray pixels change nothing. */
function grayOf({ width, height, data }: Pixels): GrayImage {
  const levels = new Uint8Array(width * height);
  for (let index = 0; index < levels.length; index++) {
    const at = 4 * index;
    levels[index] = Math.round(0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]);
  }
  return { width, height, levels };
}

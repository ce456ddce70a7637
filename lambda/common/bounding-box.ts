import type { BoundingBox } from './detection-event';

/** Rekognition's boxes may reach over the edge of the frame. */
export function withinFrame(box: { Left?: number; Top?: number; Width?: number; Height?: number }): BoundingBox {
  const { Left = 0, Top = 0, Width = 1, Height = 1 } = box;
  const clamp = (share: number) => Math.min(1, Math.max(0, share));
  const [left, top] = [clamp(Left), clamp(Top)];
  return { left, top, width: clamp(Left + Width) - left, height: clamp(Top + Height) - top };
}

import type { JSX } from 'preact';
import { sighting } from '../alerts/alerts';
import { useNow } from '../ui/use-now';
import { useStore } from '../store';
import { wordsFor } from '../ui/format';

const SHOWN_FOR = 4000;

/** Where the device has just seen something, over its video. It is in the same place as the picture in its frame. */
export function Boxes(props: { device: string; camera?: string; width: number; height: number }): JSX.Element | null {
  const { device, camera, width, height } = props;
  const latest = useStore(sighting);
  const now = useNow(500);
  if (!latest || latest.device !== device || now - latest.heardAt > SHOWN_FOR) return null;
  if (latest.camera !== undefined && camera !== undefined && latest.camera !== camera) return null;
  const unit = height / 100;
  return (
    <svg class="boxes" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="xMidYMid meet" aria-hidden="true">
      {latest.seen.map(({ boundingBox: box, label, confidence }, index) => {
        if (!box) return null;
        const [x, y] = [box.left * width, box.top * height];
        return (
          <g key={index}>
            <rect
              x={x}
              y={y}
              width={box.width * width}
              height={box.height * height}
              rx={unit}
              stroke-width={unit / 2}
            />
            <text x={x} y={Math.max(5 * unit, y - 1.5 * unit)} font-size={4.5 * unit}>
              {wordsFor(label)} {Math.round(confidence)} %
            </text>
          </g>
        );
      })}
    </svg>
  );
}

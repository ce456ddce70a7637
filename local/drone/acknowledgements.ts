import * as z from 'zod';

/** https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_dataplane_PutMedia.html#API_dataplane_PutMedia_ResponseSyntax */
const acknowledgement = z.object({
  EventType: z.enum(['BUFFERING', 'RECEIVED', 'PERSISTED', 'ERROR', 'IDLE']),
  FragmentTimecode: z.number().optional(),
  ErrorId: z.coerce.number().optional(),
  ErrorCode: z.string().optional(),
});

export type Acknowledgement = z.infer<typeof acknowledgement>;

/** Reads acknowledgements, one in a line, of text that comes bit by bit. */
export function acknowledgementReader(onRead: (acknowledgement: Acknowledgement) => void) {
  let rest = '';
  return (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      if (line.trim() !== '') onRead(acknowledgement.parse(JSON.parse(line)));
    }
  };
}

/** What has nothing to do with the fragment: the connection has lasted too long, the stream isn't ready, its key isn't there. */
const PASSING = [4000, 4003, 4008];

/** Whether a fragment that was refused is refused again, however often it is sent. */
export function isHopeless({ ErrorId = 5000 }: Acknowledgement): boolean {
  return ErrorId < 4500 && !PASSING.includes(ErrorId);
}

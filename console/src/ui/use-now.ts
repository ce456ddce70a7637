import { useEffect, useState } from 'preact/hooks';
import { serverNow } from '../clock';

/** The time, anew each so many milliseconds. */
export function useNow(interval = 1000): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), interval);
    return () => clearInterval(timer);
  }, [interval]);
  return now;
}

import type { JSX } from 'preact';
import { useStore } from '../store';
import { alerts } from './alerts';

/** What screen readers say of new alerts: at once if one is critical, else when they are done with what they say. */
export function News(): JSX.Element {
  const news = useStore(alerts, (now) => now.news);
  const text = news && <span key={news.number}>{news.words}</span>;
  return (
    <>
      <p class="unseen" aria-live="assertive" aria-atomic="true">
        {news?.isCritical && text}
      </p>
      <p class="unseen" aria-live="polite" aria-atomic="true">
        {news && !news.isCritical && text}
      </p>
    </>
  );
}

import { createStore } from '../store';
import { hashOf, parseRoute, type Route, type View } from './places';

export { hashOf, type Route, type View };

export const route = createStore<Route>({ view: 'devices' });

export function followRoute(): void {
  const read = () => route.set(parseRoute(location.hash));
  addEventListener('hashchange', read);
  read();
}

export function go(to: Route): void {
  location.hash = hashOf(to);
}

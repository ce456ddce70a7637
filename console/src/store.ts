import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';

/** A value that others can watch. */
export interface Store<T> {
  get(): T;
  set(next: T | ((current: T) => T)): void;
  /** @returns a function that ends it */
  subscribe(listener: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let current = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set(next) {
      const value = typeof next === 'function' ? (next as (current: T) => T)(current) : next;
      if (Object.is(value, current)) return;
      current = value;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What is selected of a store; the component is drawn again only when that changes. */
export function useStore<T, S = T>(store: Store<T>, select: (value: T) => S = (value) => value as unknown as S): S {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const selected = select(store.get());
  const latest = useRef({ selected, select });
  latest.current = { selected, select };
  useLayoutEffect(() => {
    const check = () => {
      if (!Object.is(latest.current.select(store.get()), latest.current.selected)) redraw(undefined);
    };
    // It may have changed between drawing and now.
    check();
    return store.subscribe(check);
  }, [store]);
  return selected;
}

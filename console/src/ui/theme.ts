import { createStore } from '../store';

export type Theme = 'dark' | 'light';

const KEY = 'console.theme';

export const theme = createStore<Theme>('dark');

/** Dark, whatever the system prefers, unless the person has chosen light here. */
export function startTheme(): void {
  theme.subscribe(() => {
    document.documentElement.dataset.theme = theme.get();
    localStorage.setItem(KEY, theme.get());
  });
  theme.set(localStorage.getItem(KEY) === 'light' ? 'light' : 'dark');
}

export function toggleTheme(): void {
  theme.set((now) => (now === 'dark' ? 'light' : 'dark'));
}

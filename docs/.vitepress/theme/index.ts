import type { Theme } from 'vitepress';
// Without the font that the other one brings: the reader's own loads at once.
import DefaultTheme from 'vitepress/theme-without-fonts';
import Diagram from './Diagram.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => app.component('Diagram', Diagram),
} satisfies Theme;

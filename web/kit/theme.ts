import { type CSSVariablesResolver, type MantineColorsTuple, createTheme } from '@mantine/core';

/** The one accent: a deep clinical teal. White on shade 7 is 5.8:1. */
const ward: MantineColorsTuple = [
  '#e8f4f5',
  '#d0e7e9',
  '#a5d1d5',
  '#76b8bf',
  '#52a5ae',
  '#38949e',
  '#1f7f8a',
  '#11707b',
  '#075f69',
  '#004b54',
];

/** Cool greys for the dark scheme, so that night work does not glow. */
const dark: MantineColorsTuple = [
  '#d9e0e5',
  '#bac4cc',
  '#98a5af',
  '#5d6b76',
  '#2f3b44',
  '#232d35',
  '#182027',
  '#10161b',
  '#0b1014',
  '#070a0d',
];

export const theme = createTheme({
  primaryColor: 'ward',
  primaryShade: { light: 7, dark: 6 },
  colors: { ward, dark },
  autoContrast: true,
  respectReducedMotion: true,
  defaultRadius: 'sm',
  cursorType: 'pointer',
  fontFamily: 'Inter, "Segoe UI", system-ui, -apple-system, Roboto, "Liberation Sans", sans-serif',
  fontFamilyMonospace: '"JetBrains Mono", "Cascadia Mono", ui-monospace, Menlo, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: { fontWeight: '620', sizes: { h1: { fontSize: '1.375rem' }, h2: { fontSize: '1rem' } } },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.35 } } },
    // Its placeholder is no item: a menu that holds one is none for assistive technology.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true, multiline: true, maw: 360 } },
  },
});

/** Mantine's own dimmed and placeholder greys fall short of AA; severities have a colour a scheme. */
export const variables: CSSVariablesResolver = () => ({
  variables: { '--row-height': '40px' },
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#55606a',
    '--mantine-color-placeholder': '#626d77',
    '--mantine-color-error': '#b3121f',
    '--ground': '#f5f7f8',
    '--card': '#ffffff',
    '--line': '#dfe4e8',
    '--hover': '#eef3f4',
    '--picked': '#e2f0f1',
    '--accent': '#11707b',
    '--level-critical': '#ab0f1e',
    '--level-critical-soft': '#fdeaec',
    '--level-high': '#a63c06',
    '--level-high-soft': '#fdefe6',
    '--level-medium': '#7a5600',
    '--level-medium-soft': '#fbf3dc',
    '--level-low': '#1d5a9c',
    '--level-low-soft': '#e8f1fa',
    '--level-informational': '#4d5862',
    '--level-informational-soft': '#eef1f3',
    '--good': '#1c6b3a',
    '--good-soft': '#e6f4eb',
  },
  dark: {
    '--mantine-color-body': '#10161b',
    '--mantine-color-dimmed': '#98a5af',
    '--mantine-color-placeholder': '#8996a0',
    '--mantine-color-error': '#ff8f93',
    '--ground': '#0b1014',
    '--card': '#141b21',
    '--line': '#28333b',
    '--hover': '#1a232a',
    '--picked': '#163135',
    '--accent': '#5db7c0',
    '--level-critical': '#ff8f93',
    '--level-critical-soft': '#391a1e',
    '--level-high': '#ffa978',
    '--level-high-soft': '#372216',
    '--level-medium': '#e5c263',
    '--level-medium-soft': '#302a17',
    '--level-low': '#8dbcf0',
    '--level-low-soft': '#182838',
    '--level-informational': '#abb6be',
    '--level-informational-soft': '#1e272d',
    '--good': '#7fd09c',
    '--good-soft': '#152a1d',
  },
});

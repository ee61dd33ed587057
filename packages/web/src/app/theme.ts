import {
  Button,
  createTheme,
  TableScrollContainer,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from "@mantine/core";

/** From smoke to ember; shade 8 on white and white on shade 8 have a contrast above 4.5 (WCAG AA). */
const ember: MantineColorsTuple = [
  "#fff7ed",
  "#ffedd5",
  "#fed7aa",
  "#fdba74",
  "#fb923c",
  "#f97316",
  "#ea580c",
  "#d24a0b",
  "#c2410c",
  "#9a3412",
];

export const theme = createTheme({
  colors: { ember },
  primaryColor: "ember",
  primaryShade: { light: 8, dark: 4 },
  autoContrast: true,
  defaultRadius: "md",
  fontFamily: "system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, monospace",
  cursorType: "pointer",
  components: {
    // Mantine's smallest button has 22 px, and a target must have 24 (WCAG 2.2, 2.5.8).
    Button: Button.extend({
      vars: (_theme, { size }) => ({ root: size === "compact-xs" ? { "--button-height": "24px" } : {} }),
    }),
    // What scrolls must be reachable by keyboard, also where nothing in it can be clicked.
    TableScrollContainer: TableScrollContainer.extend({
      defaultProps: { scrollAreaProps: { viewportProps: { tabIndex: 0 } } },
    }),
  },
});

/** Mantine's own soft text, outlines and placeholders have a contrast of 2 to 3.5 on white; WCAG AA asks for 4.5. */
export const accessibleColors: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5f6670",
    "--mantine-color-placeholder": "#6b7280",
    "--mantine-color-gray-outline": "#5f6670",
    "--mantine-color-green-outline": "#237032",
    "--mantine-color-blue-outline": "#1864ab",
    "--mantine-color-red-outline": "#c92a2a",
    "--mantine-color-yellow-outline": "#805300",
  },
  dark: {
    "--mantine-color-dimmed": "#a3a9b0",
    "--mantine-color-placeholder": "#999fa6",
    // Buttons are written on in white in both.
    "--mantine-color-ember-filled": "#c2410c",
    "--mantine-color-ember-filled-hover": "#9a3412",
    "--mantine-color-red-filled": "#c92a2a",
    "--mantine-color-red-filled-hover": "#a61e1e",
  },
});

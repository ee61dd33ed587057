/** The page's style sheet; its hash is in the page's content security policy. */
export const style = `
:root { color-scheme: light dark; --text: #1d1b19; --soft: #6f6a63; --line: #e4dfd8; --back: #faf8f5; --card: #fff; --fire: #c2410c; --good: #15803d; --bad: #b91c1c; }
@media (prefers-color-scheme: dark) { :root { --text: #ece8e2; --soft: #a39c92; --line: #35312c; --back: #171513; --card: #201d1a; --fire: #fb923c; --good: #4ade80; --bad: #f87171; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; margin-bottom: 1.25rem; }
h1 { margin: 0; font-size: 1.5rem; letter-spacing: -.02em; }
h1 span { color: var(--fire); }
h2 { margin: 0 0 .6rem; font-size: 1rem; }
header p { margin: 0; color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin-bottom: 1rem; overflow-x: auto; }
dl.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .75rem; margin: 0; }
dl.figures dt { color: var(--soft); font-size: .8rem; }
dl.figures dd { margin: 0; white-space: nowrap; font-size: 1.15rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: .8rem; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
code { font: .85em ui-monospace, monospace; }
.soft { color: var(--soft); }
.ok { color: var(--good); } .bad { color: var(--bad); }
.tag { display: inline-block; border: 1px solid var(--fire); color: var(--fire); border-radius: 1rem; padding: 0 .5rem; font-size: .8rem; }
progress { width: 100%; height: .6rem; accent-color: var(--fire); }
`;

/** The page's whole style. Colours are pairs of light and dark; figures stand under each other; nothing is wider than the screen but what scrolls by itself. */
export const style = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f5f6f8, #14171c);
  --sheet: light-dark(#ffffff, #1c2027);
  --ink: light-dark(#1b2430, #e6e9ee);
  --soft: light-dark(#566273, #a3adbb);
  --line: light-dark(#dde2e9, #323943);
  --faint: light-dark(#eef1f5, #262c35);
  --accent: light-dark(#2b5fb3, #82b1ff);
  --second: light-dark(#8fb3e8, #3f6299);
  --good: light-dark(#0f6b3c, #6bd49a);
  --good-back: light-dark(#e5f5ec, #14301f);
  --partly: light-dark(#7a4b00, #f2c063);
  --partly-back: light-dark(#fdf3dd, #362a10);
  --bad: light-dark(#a3201d, #ff9a92);
  --bad-back: light-dark(#fdeceb, #3a1a19);
}
* { box-sizing: border-box; }
html { font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif; scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere; }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 0; }
footer { max-width: 68rem; margin: 0 auto; padding: 1rem 1rem 2.5rem; color: var(--soft); font-size: .85rem; }
section, .verdict { background: var(--sheet); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem 1.5rem 1.5rem; margin: 0 0 1.25rem; }
section { scroll-margin-top: 1rem; }
h1, h2, h3, p, dl, dd, ul, pre { margin: 0; }
h1 { font-size: 2.25rem; line-height: 1.15; letter-spacing: -.02em; display: flex; align-items: center; gap: .7rem; margin: .6rem 0 .5rem; }
h2 { font-size: 1.25rem; line-height: 1.3; margin-bottom: .9rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
section > h2 + h3 { margin-top: 0; }
p + p { margin-top: .5rem; }
ul { padding-left: 1.2rem; }
li + li { margin-top: .3rem; }
a { color: var(--accent); }
b, strong { font-weight: 650; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: .875em; }
pre { background: var(--faint); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 28rem; line-height: 1.45; }
.copy { border-left: 3px solid var(--accent); }
.remark { color: var(--soft); font-size: .9rem; font-weight: 400; }
h2 .remark, h3 .remark { margin-left: .6rem; letter-spacing: 0; }
h2 .remark { white-space: nowrap; }
.trouble { color: var(--bad); }
.chip { display: inline-block; border: 1px solid var(--line); border-radius: 1rem; padding: 0 .55rem; font-size: .78rem; line-height: 1.45; color: var(--soft); background: var(--faint); white-space: nowrap; }
.chip.good { color: var(--good); background: var(--good-back); border-color: transparent; }
.chip.bad { color: var(--bad); background: var(--bad-back); border-color: transparent; }

.verdict { border-top: .4rem solid var(--tone); padding-top: 1rem; }
.verdict.good { --tone: var(--good); --tone-back: var(--good-back); }
.verdict.partly { --tone: var(--partly); --tone-back: var(--partly-back); }
.verdict.bad { --tone: var(--bad); --tone-back: var(--bad-back); }
.verdict h1 { color: var(--tone); }
.mark { flex: none; width: 2.6rem; height: 2.6rem; border-radius: 50%; display: grid; place-items: center; font-size: 1.4rem; background: var(--tone-back); color: var(--tone); }
.eyebrow { color: var(--soft); font-size: .9rem; }
.lead { font-size: 1.15rem; line-height: 1.45; max-width: 52rem; }
.ends { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; margin-top: 1rem; }
.ends span { min-width: 0; }
.ends b, .ends small { display: block; }
.ends small { color: var(--soft); }
.arrow { font-size: 1.4rem; color: var(--soft); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1px; margin-top: 1.25rem; border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; }
.figures div { box-shadow: 0 0 0 1px var(--line); padding: .6rem .9rem .7rem; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.figures dt { color: var(--soft); font-size: .85rem; }
.figures dd { font-size: 1.4rem; line-height: 1.25; font-weight: 600; letter-spacing: -.01em; white-space: nowrap; font-variant-numeric: tabular-nums; }

nav { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0 0 1.25rem; }
nav a { text-decoration: none; font-size: .9rem; padding: .25rem .75rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--sheet); }
nav a:hover { border-color: var(--accent); }

.grid { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
.grid + .remark, .grid + .trouble, .grid + ul { margin-top: .75rem; }
.remark + .grid, p + .grid, p + pre { margin-top: .6rem; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { padding: .4rem .9rem; text-align: left; vertical-align: top; font-weight: 400; border-top: 1px solid var(--line); }
thead th { border-top: 0; background: var(--faint); color: var(--soft); font-size: .82rem; white-space: nowrap; }
tfoot th, tfoot td { font-weight: 650; background: var(--faint); border-top-width: 2px; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wide { min-width: 13rem; max-width: 26rem; }
.short { white-space: nowrap; }
.chart { width: 48%; }
.name .chip { margin-left: .15rem; }
tbody tr:hover > * { background: var(--faint); }

.bar { display: block; width: 100%; min-width: 7rem; height: .9rem; margin-top: .3rem; border-radius: .2rem; }
.track { fill: var(--faint); }
.first { fill: var(--accent); background: var(--accent); }
.second { fill: var(--second); background: var(--second); }
.legend { color: var(--soft); font-size: .9rem; margin-bottom: .5rem; }
.swatch { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; margin: 0 .4rem -.08rem 0; }
.swatch + .swatch, .legend .second { margin-left: 1.2rem; }

.card { border: 1px solid var(--line); border-left: .25rem solid var(--line); border-radius: .5rem; padding: .8rem 1rem 1rem; }
.card + .card { margin-top: .75rem; }
.card.refuse { border-left-color: var(--bad); }
.card.lossy, .card.warning { border-left-color: var(--partly); }
.card.note { border-left-color: var(--accent); }
.card h3 { margin-top: 0; }
.card > * + * { margin-top: .5rem; }
.code { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; color: var(--soft); font-size: .82rem; letter-spacing: .02em; }
.code .number { background: var(--bad-back); color: var(--bad); font-weight: 650; border-radius: 1rem; padding: 0 .6rem; letter-spacing: 0; }
.items { list-style: none; padding: 0; }
.items li { border-top: 1px solid var(--line); padding-top: .5rem; margin-top: .5rem; }
.items li > * + *, .remedy > * + * { margin-top: .4rem; }
.facts { display: grid; gap: .25rem; font-size: .9rem; }
.facts div { display: flex; flex-wrap: wrap; gap: .15rem .5rem; }
.facts dt { color: var(--soft); }
.facts dd { display: flex; flex-wrap: wrap; gap: .2rem .4rem; min-width: 0; }
.facts code { background: var(--faint); border-radius: .3rem; padding: 0 .35rem; white-space: pre-wrap; }
p.remedy::before { content: '→ '; color: var(--accent); }

details { margin-top: .75rem; }
summary { cursor: pointer; color: var(--accent); width: fit-content; }
details > summary + * { margin-top: .6rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

.versions { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: .35rem 1.25rem; font-size: .9375rem; }
.versions dt { color: var(--soft); }
.signature { display: none; }

@media (max-width: 40rem) {
  main { padding: .75rem .6rem 0; }
  section, .verdict { padding: 1rem; border-radius: .6rem; }
  h1 { font-size: 1.75rem; }
  .mark { width: 2.1rem; height: 2.1rem; font-size: 1.15rem; }
  .lead { font-size: 1.05rem; }
  .figures { grid-template-columns: repeat(2, 1fr); }
  th, td { padding: .4rem .6rem; }
  .chart { width: auto; }
  .ends { flex-direction: column; align-items: start; gap: .2rem; }
  .arrow { transform: rotate(90deg); }
  .wide { min-width: 8rem; }
  .bar { min-width: 3.5rem; }
  .figures dd { font-size: 1.25rem; }
  .versions { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .versions dd { margin-bottom: .6rem; }
}

@media print {
  :root { color-scheme: light; }
  html { font-size: 10.5pt; }
  body { background: none; }
  main, footer { max-width: none; padding: 0; }
  section, .verdict { border: 0; border-radius: 0; padding: 0; margin: 0 0 1.4rem; }
  .verdict { border-top: .4rem solid var(--tone); padding-top: .8rem; }
  nav, summary { display: none; }
  details::details-content { display: block; content-visibility: visible; block-size: auto; }
  h2, h3, thead { break-after: avoid; }
  tr, .card, .figures { break-inside: avoid; }
  .grid { overflow: visible; }
  .wide { min-width: 13rem; }
  tfoot { display: table-row-group; }
  .figures { grid-template-columns: repeat(3, 1fr); }
  pre { max-height: none; overflow: visible; }
  .figures, .grid, .card, .chip, .mark, .bar, .swatch, .number, thead th, tfoot * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .signature { display: flex; gap: 2rem; margin-top: 3rem; break-inside: avoid; }
  footer { margin-top: 2rem; }
  .signature p { flex: 1; margin: 0; border-top: 1px solid var(--ink); padding-top: .2rem; color: var(--soft); }
}
`

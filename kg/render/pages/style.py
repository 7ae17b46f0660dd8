"""How the pages look: one small style sheet, for phones first, light and dark, and for paper."""

from __future__ import annotations

__all__ = ["CSS"]

CSS = """\
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --soft: #595959; --line: #d5d5d5; --tint: #f3f5f7;
  --link: #00538a; --stated: #00724f; --inferred: #00538a; --aside: #9c4300; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --paper: #16181a; --soft: #adadad; --line: #3a3d40; --tint: #212427;
    --link: #7cc4f2; --stated: #5fd0a6; --inferred: #7cc4f2; --aside: #f0a868; } }
* { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--ink); background: var(--paper);
  -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 0 1rem 3rem; max-width: 60rem; overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: .15em; }
a.skip { position: absolute; left: -99rem; } a.skip:focus { left: 1rem; }
header { padding: .8rem 0; border-bottom: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: .3rem 0; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 1.2rem 0 .3rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; padding-bottom: .2rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p { margin: .5rem 0; max-width: 45rem; }
p.lead { font-size: 1.1rem; }
.soft, footer { color: var(--soft); font-size: .9rem; }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .875em; }
pre { background: var(--tint); padding: .8rem; overflow-x: auto; overflow-wrap: normal; }
ul.plain { list-style: none; padding: 0; margin: .3rem 0; }
ul.plain > li { padding: .35rem 0; border-bottom: 1px solid var(--line); }
ul.many { padding: 0; list-style: none; columns: 14rem; column-gap: 2rem; }
ul.many > li { break-inside: avoid; padding: .15rem 0; }
dl { display: grid; grid-template-columns: minmax(7rem, 11rem) 1fr; gap: .3rem 1rem; margin: .5rem 0; }
dt { color: var(--soft); } dd { margin: 0; }
@media (max-width: 32rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
.tag { display: inline-block; font-size: .8rem; padding: 0 .45rem; border: 1px solid currentColor;
  border-radius: 1rem; color: var(--soft); }
.stated { color: var(--stated); } .inferred { color: var(--inferred); } .aside { color: var(--aside); }
.claim { padding: .6rem 0 .6rem .8rem; border-left: 3px solid var(--line); margin: .8rem 0; }
.claim:target { border-left-color: var(--aside); background: var(--tint); }
.claim p { margin: .2rem 0; }
details { margin: .4rem 0; } summary { cursor: pointer; padding: .2rem 0; }
figure { margin: 1rem 0; overflow-x: auto; } figure svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .6rem; }
svg text { fill: var(--ink); } svg .box { fill: var(--tint); stroke: var(--line); }
svg .edge { fill: none; stroke: var(--soft); } svg .count { fill: var(--soft); }
svg a:hover .box { stroke: var(--link); }
@media print { nav, a.skip { display: none; } body { max-width: none; } details > * { display: block; } }
"""

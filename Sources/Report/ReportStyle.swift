import Figures

/// How a report looks: on a screen of any width, light or dark, and on paper.
enum ReportStyle {
  /// The style sheet.
  static let css = """
    :root { color-scheme: light dark; \(Theme.light.declarations) --bad: #b3261e; --soft-paper: #f3f5f8; --link: #1560bd; }
    @media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { \(dark) } }
    :root[data-theme=dark] { color-scheme: dark; \(dark) }
    :root[data-theme=light] { color-scheme: light; }
    @media print { :root:root:root { color-scheme: light; \(Theme.light.declarations) --bad: #b3261e; --soft-paper: #f3f5f8; --link: #1560bd; } }

    """ + rules

  private static let dark =
    "\(Theme.dark.declarations) --bad: #ff9a90; --soft-paper: #1d2229; --link: #74b0ff;"

  /// Figures of points grow to a fifth more than their natural size: then their letters are as large as those around them.
  private static let rules = """
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body { margin: 0 auto; max-width: 1560px; padding: 0 1.25rem 2rem; background: var(--gammaplane-paper);
      color: var(--gammaplane-ink); font: 16px/1.5 "Helvetica Neue", Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif; }
    i { font-family: "STIX Two Text", Cambria, "Times New Roman", "Liberation Serif", "DejaVu Serif", serif; font-size: 1.08em; }
    h1, h2 { line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
    h1 { font-size: 1.6rem; }
    h2 { font-size: 1.3rem; margin-bottom: .6rem; }
    h2 i { font-weight: 600; }
    p { margin: .35rem 0; overflow-wrap: anywhere; }
    .soft, dt, caption, figcaption, .hint { color: var(--gammaplane-soft-ink); }
    header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: start; justify-content: space-between;
      padding: 1.25rem 0 1rem; }
    header > div { min-width: 0; flex: 1 1 20rem; }
    button, select { font: inherit; color: var(--gammaplane-ink); background: var(--soft-paper);
      border: 1px solid var(--gammaplane-soft-ink); border-radius: 6px; padding: .3rem .7rem; min-height: 2.2rem; }
    button { cursor: pointer; }
    button:hover { background: var(--gammaplane-rule); }
    :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
    h2:focus { outline: none; }
    .skip { position: absolute; left: -100vw; }
    .skip:focus { position: static; }
    a { color: var(--link); }
    .caveat { border: 1px solid var(--gammaplane-soft-ink); border-left: 5px solid var(--bad); border-radius: 4px;
      padding: .5rem .8rem; margin: 0 0 1rem; }
    main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem 2rem; }
    main > section, body > section { min-width: 0; }
    body > section { margin-top: 1.75rem; border-top: 1px solid var(--gammaplane-rule); padding-top: 1.25rem; }
    figure { margin: 0; min-width: 0; }
    svg { display: block; max-width: 100%; height: auto; }
    #plane svg { width: 100%; max-width: 780px; }
    #plane .cells > * { cursor: pointer; }
    #plane .cells > *:focus { outline: none; }
    .cursor { pointer-events: none; fill: none; stroke-linejoin: round; }
    .cursor .edge { stroke: #fff; stroke-width: 6; }
    .cursor .core { stroke: #1f2328; stroke-width: 3; }
    .cursor.focused .edge { stroke-width: 9; }
    .cursor.focused .core { stroke: #1560bd; stroke-width: 4.5; }
    .key { display: none; font-size: .875rem; margin-top: .4rem; }
    .key .bar { height: .8rem; border: 1px solid var(--gammaplane-soft-ink); margin: .2rem 0; }
    .key .ends { display: flex; justify-content: space-between; }
    .key ul { list-style: none; margin: .5rem 0 0; padding: 0; }
    .key li { display: flex; gap: .6rem; align-items: center; padding: .15rem 0; }
    .key svg { flex: none; overflow: visible; }
    .picker { display: flex; flex-wrap: wrap; gap: .5rem .9rem; align-items: center; margin-top: .75rem; }
    .picker[hidden] { display: none; }
    #point { border-top: 1px solid var(--gammaplane-rule); padding-top: 1.25rem; }
    .lead { font-size: 1.06rem; }
    .verdict { display: inline-block; border-radius: 99px; padding: .05rem .7rem; font-weight: 600; color: #fff;
      background: #5b616b; }
    .verdict.linear { background: #0c5e92; }
    .verdict.condensed { background: #932e06; }
    .verdict.undecided { background: none; color: var(--gammaplane-ink); border: 1px dashed var(--gammaplane-soft-ink); }
    dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: .45rem 1.75rem; margin: .75rem 0; }
    dt { font-size: .875rem; }
    dd { margin: 0; overflow-wrap: anywhere; }
    .figures { columns: 20rem auto; column-gap: 1.25rem; margin: 1rem 0; }
    .figures figure { break-inside: avoid; margin-bottom: 1.25rem; }
    .figures figure:only-child { column-span: all; }
    .figures svg { width: 100%; max-width: 24rem; }
    figcaption { font-size: .875rem; }
    .scroll { overflow-x: auto; margin: .75rem 0; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
    caption { text-align: left; padding-bottom: .3rem; }
    th, td { text-align: right; padding: .22rem .45rem; white-space: nowrap; }
    th { border-bottom: 1.5px solid var(--gammaplane-soft-ink); }
    td { border-bottom: 1px solid var(--gammaplane-rule); }
    th.w, td.w { text-align: left; }
    td button { min-height: 0; padding: 0 .5rem; }
    .s-failed { color: var(--bad); font-weight: 600; }
    .s-budget, .s-stalled { font-weight: 600; }
    .s-pending { color: var(--gammaplane-soft-ink); }
    details { margin: .5rem 0; }
    summary { cursor: pointer; padding: .2rem 0; overflow-wrap: anywhere; }
    pre { background: var(--soft-paper); border-radius: 6px; padding: .6rem .8rem; font-size: .8rem; overflow-x: auto;
      white-space: pre-wrap; overflow-wrap: anywhere; max-height: 24rem; }
    code { overflow-wrap: anywhere; }
    footer { margin-top: 2rem; }
    @media (min-width: 1080px) {
      main { grid-template-columns: minmax(0, 10fr) minmax(0, 11fr); }
      #map { position: sticky; top: .75rem; align-self: start; }
      #plane svg { max-height: calc(100vh - 6rem); }
      #point { border-top: 0; padding-top: 0; }
    }
    @media screen and (max-width: 640px) {
      body { padding: 0 1rem 1.5rem; }
      .key { display: block; }
      #plane svg > text, #plane .legend, #plane .colour-bar { display: none; }
      #plane .axes text { font-size: 21px; }
    }
    @media print {
      body { max-width: none; padding: 0; font-size: 10.5pt; }
      main { display: block; }
      #map { position: static; }
      #plane svg { width: auto; max-width: 100%; max-height: 62vh; margin: 0 auto; }
      #point { border-top: 1px solid var(--gammaplane-rule); padding-top: .8rem; margin-top: 1rem; }
      .figures { columns: 2; }
      .scroll { overflow: visible; }
      table { font-size: 7.5pt; }
      th, td { padding: .1rem .35rem; white-space: normal; }
      figure, tr, dl > div { break-inside: avoid; }
      h2 { break-after: avoid; }
      pre { max-height: none; }
      header button, .picker, .hint, .skip, #all, noscript { display: none !important; }
      .cursor .core { stroke: #1f2328; }
    }
    @media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }

    """
}

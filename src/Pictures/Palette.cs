namespace DmSim.Pictures;

/// <summary>The colours of pictures in light and in dark, as style sheets.</summary>
internal static class Palette
{
    public const int Count = 8;

    private const string Light = "color-scheme:light;--on:#ffffff;--bg:#fcfcfd;--card:#ffffff;--line:#d9dde5;--ink:#1b1f27;--dim:#667085;--free:#eef0f4;--shared:#1b1f27;--warn:#c2410c;--ok:#15803d;"
        + "--c0:#3b6fd4;--c1:#d97a1f;--c2:#2e9461;--c3:#8b5cc7;--c4:#c8453f;--c5:#1f8fa3;--c6:#a3841a;--c7:#c2478f;";

    private const string Dark = "color-scheme:dark;--on:#10131a;--bg:#12151b;--card:#1a1e26;--line:#343b48;--ink:#e8ebf1;--dim:#98a2b3;--free:#252b36;--shared:#f2f4f8;--warn:#fb923c;--ok:#4ade80;"
        + "--c0:#6f9cf0;--c1:#f0a050;--c2:#58bd8a;--c3:#b08ae6;--c4:#ea7a74;--c5:#4fbccf;--c6:#d0b14a;--c7:#e57fb8;";

    /// <summary>Follows the reader's preference, unless a page says otherwise (data-theme).</summary>
    public static string Variables { get; } = $":root{{{Light}}}@media(prefers-color-scheme:dark){{:root{{{Dark}}}}}"
        + $":root[data-theme=light]{{{Light}}}:root[data-theme=dark]{{{Dark}}}";

    public static string Shapes { get; } =
        "text{font-family:ui-sans-serif,system-ui,'Segoe UI','DejaVu Sans',sans-serif;font-size:13px;fill:var(--ink)}"
        + ".h{font-size:15px;font-weight:600}.b{font-weight:600}.s{font-size:11.5px;fill:var(--dim)}.m{font-family:ui-monospace,'DejaVu Sans Mono',monospace;font-size:11.5px}"
        + ".on{fill:var(--on);font-size:11.5px;font-weight:600}.warn{fill:var(--warn)}.ok{fill:var(--ok)}"
        + ".bg{fill:var(--bg)}.card{fill:var(--card);stroke:var(--line)}.free{fill:var(--free)}.track{fill:var(--free)}"
        + ".mark{stroke:var(--ink);stroke-width:2}.shared{stroke:var(--shared);stroke-width:2}.suspended{stroke-dasharray:5 4;stroke:var(--warn)}"
        + string.Concat(Enumerable.Range(0, Count).Select(i => $".c{i}{{fill:var(--c{i})}}.r{i}{{fill:var(--c{i});opacity:.2}}"));

    public static string Class(int index) => $"c{index % Count}";

    public static string Ribbon(int index) => $"r{index % Count}";
}

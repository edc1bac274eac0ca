using System.Globalization;
using System.Text;
using DmSim.Model.Views;

namespace DmSim.Pictures;

/// <summary>One step of a session.</summary>
/// <param name="Title">What was done, as a command.</param>
/// <param name="Result">"ok", an errno, or "pending".</param>
/// <param name="View">The machine after it.</param>
/// <param name="Log">What the kernel logged.</param>
/// <param name="Why">The plain sentence where it was refused, or null.</param>
public sealed record StoryStep(string Title, string Result, MachineView View, IReadOnlyList<string> Log, string? Why);

/// <summary>A session as one page that needs nothing else: picture, tables, status and log at each step; arrow keys step through.</summary>
public static class HtmlStory
{
    public static string Write(string title, IReadOnlyList<StoryStep> steps)
    {
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
        page.Append("<title>").Append(SvgWriter.E(title)).Append("</title>\n<style>").Append(SvgPicture.Style).Append(Style).Append("</style>\n</head>\n<body>\n");
        page.Append("<header><h1>").Append(SvgWriter.E(title)).Append("</h1><span id=\"where\"></span><span class=\"keys\">"
            + "<button id=\"back\" aria-label=\"back\">&#8592;</button><button id=\"on\" aria-label=\"on\">&#8594;</button>"
            + "<button id=\"theme\" aria-label=\"dark or light\">&#9680;</button></span></header>\n<div id=\"page\">\n<nav><ol start=\"0\">\n");
        for (int i = 0; i < steps.Count; i++)
        {
            string mark = steps[i].Result == "ok" ? "" : $" <em>{SvgWriter.E(steps[i].Result)}</em>";
            page.Append(CultureInfo.InvariantCulture, $"<li data-step=\"{i}\"><a href=\"#{i}\"><code>{SvgWriter.E(steps[i].Title)}</code>{mark}</a></li>\n");
        }
        page.Append("</ol></nav>\n<main>\n");
        for (int i = 0; i < steps.Count; i++)
            WriteStep(page, i, steps[i]);
        return page.Append("</main>\n</div>\n<script>").Append(Script).Append("</script>\n</body>\n</html>\n").ToString();
    }

    private static void WriteStep(StringBuilder page, int number, StoryStep step)
    {
        page.Append(CultureInfo.InvariantCulture, $"<section id=\"step{number}\" hidden>\n<h2><code>{SvgWriter.E(step.Title)}</code> ");
        page.Append(step.Result == "ok" ? "<b class=\"good\">ok</b></h2>\n" : $"<b class=\"bad\">{SvgWriter.E(step.Result)}</b></h2>\n");
        if (step.Why is { } why)
            page.Append("<p class=\"why\">").Append(SvgWriter.E(why)).Append(".</p>\n");
        page.Append(SvgPicture.WriteInline(step.View));
        page.Append("<div class=\"words\">\n");
        Block(page, "tables", step.View.Devices.SelectMany(d => d.Lines.Select(l => $"{d.Name}: {l.Begin} {l.Length} {l.Type} {l.Table}".TrimEnd(' '))));
        Block(page, "status", step.View.Devices.SelectMany(d => d.Lines.Select(l => $"{d.Name}: {l.Begin} {l.Length} {l.Type} {l.Status}".TrimEnd(' '))));
        Block(page, "kernel log", step.Log);
        page.Append("</div>\n</section>\n");
    }

    private static void Block(StringBuilder page, string title, IEnumerable<string> lines)
    {
        string text = string.Join('\n', lines);
        page.Append("<div><h3>").Append(title).Append("</h3><pre>").Append(text.Length == 0 ? "<i>none</i>" : SvgWriter.E(text)).Append("</pre></div>\n");
    }

    private const string Style =
        "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.5 ui-sans-serif,system-ui,'Segoe UI','DejaVu Sans',sans-serif}"
        + "header{position:sticky;top:0;display:flex;align-items:center;gap:16px;padding:10px 20px;background:var(--card);border-bottom:1px solid var(--line)}"
        + "h1{font-size:16px;margin:0;flex:1;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}#where{color:var(--dim);font-variant-numeric:tabular-nums}"
        + "button{font:inherit;color:var(--ink);background:var(--bg);border:1px solid var(--line);border-radius:6px;padding:3px 12px;margin-left:6px;cursor:pointer}"
        + "button:hover{border-color:var(--dim)}#page{display:grid;grid-template-columns:minmax(220px,320px) minmax(0,1fr)}"
        + "nav{border-right:1px solid var(--line);height:calc(100vh - 52px);position:sticky;top:52px;overflow:auto}"
        + "ol{margin:0;padding:8px 8px 8px 38px}li{color:var(--dim);font-size:12px}li a{display:block;padding:3px 8px;border-radius:6px;color:var(--ink);text-decoration:none;overflow-wrap:anywhere}"
        + "li.here a{background:var(--free)}code,pre{font-family:ui-monospace,'DejaVu Sans Mono',monospace;font-size:12px}em{font-style:normal;color:var(--warn)}"
        + "main{padding:20px 28px 48px;min-width:0}h2{font-size:15px;font-weight:600;margin:0 0 10px;overflow-wrap:anywhere}h2 code{font-size:13.5px}"
        + ".good{color:var(--ok)}.bad{color:var(--warn)}.why{margin:0 0 12px;padding:9px 14px;border-left:3px solid var(--warn);background:var(--card);border-radius:0 6px 6px 0}"
        + "svg{max-width:100%;height:auto;display:block}.words{display:grid;gap:14px;margin-top:14px}"
        + "h3{font-size:12px;font-weight:600;color:var(--dim);margin:0 0 4px}pre{margin:0;padding:10px 14px;background:var(--card);border:1px solid var(--line);border-radius:8px;overflow:auto}"
        + "pre i{color:var(--dim)}@media(max-width:760px){#page{grid-template-columns:1fr}nav{display:none}main{padding:14px}}";

    private const string Script =
        "const s=[...document.querySelectorAll('section')],l=[...document.querySelectorAll('li')];let at=-1;"
        + "function go(n){n=Math.max(0,Math.min(s.length-1,n));if(n===at)return;at=n;s.forEach((e,i)=>e.hidden=i!==n);"
        + "l.forEach((e,i)=>e.classList.toggle('here',i===n));l[n].scrollIntoView({block:'nearest'});"
        + "document.getElementById('where').textContent='step '+n+' of '+(s.length-1);history.replaceState(null,'','#'+n)}"
        + "document.getElementById('back').onclick=()=>go(at-1);document.getElementById('on').onclick=()=>go(at+1);"
        + "document.getElementById('theme').onclick=()=>{const r=document.documentElement,d=matchMedia('(prefers-color-scheme:dark)').matches;"
        + "r.dataset.theme=(r.dataset.theme||(d?'dark':'light'))==='dark'?'light':'dark'};"
        + "addEventListener('keydown',e=>{if(e.key==='ArrowRight'||e.key===' '){go(at+1);e.preventDefault()}if(e.key==='ArrowLeft')go(at-1);if(e.key==='Home')go(0);if(e.key==='End')go(s.length-1)});"
        + "addEventListener('hashchange',()=>go(+location.hash.slice(1)||0));go(+location.hash.slice(1)||0);";
}

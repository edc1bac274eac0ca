using System.Globalization;
using System.Net;
using System.Text;

namespace DmSim.Pictures;

/// <summary>Shapes and words as SVG, in the order of their coming.</summary>
internal sealed class SvgWriter
{
    private readonly StringBuilder _body = new();

    public void Rect(double x, double y, double width, double height, string cssClass, double radius = 0, string title = "", string style = "")
    {
        string shape = $"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(Math.Max(width, 0.5))}\" height=\"{N(height)}\" rx=\"{N(radius)}\" class=\"{cssClass}\""
            + (style.Length > 0 ? $" style=\"{style}\"" : "");
        _body.Append(shape).Append(title.Length == 0 ? "/>\n" : $"><title>{E(title)}</title></rect>\n");
    }

    public void Text(double x, double y, string text, string cssClass, string anchor = "start") =>
        _body.Append($"<text x=\"{N(x)}\" y=\"{N(y)}\" class=\"{cssClass}\" text-anchor=\"{anchor}\">{E(text)}</text>\n");

    /// <summary>A band from a stretch above to a stretch below.</summary>
    public void Ribbon((double Left, double Right, double Y) above, (double Left, double Right, double Y) below, string cssClass)
    {
        double middle = (above.Y + below.Y) / 2;
        _body.Append($"<path class=\"{cssClass}\" d=\"M{N(above.Left)} {N(above.Y)}C{N(above.Left)} {N(middle)} {N(below.Left)} {N(middle)} {N(below.Left)} {N(below.Y)}"
            + $"L{N(below.Right)} {N(below.Y)}C{N(below.Right)} {N(middle)} {N(above.Right)} {N(middle)} {N(above.Right)} {N(above.Y)}Z\"/>\n");
    }

    public void Line(double x1, double y1, double x2, double y2, string cssClass) =>
        _body.Append($"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" class=\"{cssClass}\"/>\n");

    public string ToSvg(double width, double height, string style, string label) =>
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {N(width)} {N(height)}\" width=\"{N(width)}\" height=\"{N(height)}\" role=\"img\" "
        + $"aria-label=\"{E(label)}\">\n{style}{_body}</svg>\n";

    private static string N(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Text that is safe inside an element or an attribute; control characters cannot be in XML at all.</summary>
    public static string E(string text) => WebUtility.HtmlEncode(string.Concat(text.Select(c => c < ' ' && c != '\n' ? ' ' : c)));
}

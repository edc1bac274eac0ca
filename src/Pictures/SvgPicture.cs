using DmSim.Abi;
using DmSim.Model.Views;

namespace DmSim.Pictures;

/// <summary>
/// The picture as SVG: the stack of devices with what lies on what, and under it the block maps. SvgPicture.Blocks.cs has the maps.
/// </summary>
public sealed partial class SvgPicture
{
    private const double Width = 960, Edge = 24, NodeHeight = 74, LayerGap = 46, Gap = 20, BarHeight = 22;

    private readonly MachineView _view;
    private readonly SvgWriter _svg = new();
    private readonly Dictionary<DeviceNumber, (double X, double Y, double Width, Sectors Size)> _bars = [];
    private readonly Dictionary<DeviceNumber, int> _colors = [];
    private double _y = Edge;

    private SvgPicture(MachineView view) => _view = view;

    /// <summary>A file of its own.</summary>
    public static string Write(MachineView view) =>
        new SvgPicture(view).Draw($"<style>{Palette.Variables}{Palette.Shapes}</style>\n<rect width=\"100%\" height=\"100%\" class=\"bg\"/>\n");

    /// <summary>For a page that has the style sheets.</summary>
    internal static string WriteInline(MachineView view) => new SvgPicture(view).Draw("");

    /// <summary>The style sheets of <see cref="WriteInline"/>.</summary>
    internal static string Style => Palette.Variables + Palette.Shapes;

    private string Draw(string style)
    {
        var layers = StackLayout.Layers(_view);
        if (layers.Count == 0)
        {
            _svg.Text(Width / 2, _y + 20, "no devices", "s", "middle");
            _y += 40;
        }
        foreach (var node in layers.SelectMany(layer => layer).OrderBy(node => node.Number))
            _colors.Add(node.Number, _colors.Count);
        foreach (var layer in layers)
            Place(layer);
        foreach (var node in layers.SelectMany(layer => layer))
            DrawRibbons(node);
        foreach (var node in layers.SelectMany(layer => layer))
            DrawNode(node);
        foreach (var pool in _view.Pools)
            DrawPool(pool);
        foreach (var device in _view.Devices)
            foreach (var line in device.Lines.Where(line => line.Type == "striped"))
                DrawStripes(device, line);
        foreach (var snapshot in _view.Snapshots)
            DrawSnapshot(snapshot);
        return _svg.ToSvg(Width, _y + Edge - Gap, style, "devices and their blocks");
    }

    /// <summary>The devices of a layer share its width.</summary>
    private void Place(IReadOnlyList<StackNode> layer)
    {
        const int perRow = 6;
        foreach (var row in layer.Chunk(perRow))
        {
            double each = Math.Min(340, (Width - 2 * Edge - (row.Length - 1) * Gap) / row.Length);
            double x = (Width - row.Length * each - (row.Length - 1) * Gap) / 2;
            foreach (var node in row)
            {
                _bars.Add(node.Number, (x, _y, each, node.Size));
                x += each + Gap;
            }
            _y += NodeHeight + LayerGap;
        }
    }

    private const double Inset = 10;

    private static double BarTop(double nodeTop) => nodeTop + NodeHeight - BarHeight - Inset;

    /// <summary>Where a stretch of sectors is on a device's bar.</summary>
    private (double Left, double Right) Span(DeviceNumber device, Sectors start, Sectors length)
    {
        var (x, _, width, size) = _bars[device];
        double scale = (width - 2 * Inset) / Math.Max(1, (double)size.Value);
        double left = Math.Min(start.Value * scale, width - 2 * Inset - 2);
        double right = Math.Clamp((start.Value + (double)length.Value) * scale, left + 2, width - 2 * Inset);
        return (x + Inset + left, x + Inset + right);
    }

    private void DrawRibbons(StackNode node)
    {
        foreach (var line in node.Device?.Lines ?? [])
        {
            var (left, right) = Span(node.Number, line.Begin, line.Length);
            double above = _bars[node.Number].Y + NodeHeight - Inset / 2;
            for (int i = 0; i < line.Below.Count; i++)
            {
                var area = line.Below[i];
                if (!_bars.TryGetValue(area.Device, out var lower) || lower.Y <= _bars[node.Number].Y)
                    continue;
                double part = (right - left) / line.Below.Count;
                var (from, to) = Span(area.Device, area.Start, area.Length);
                _svg.Ribbon((left + i * part, left + (i + 1) * part, above), (from, to, lower.Y), Palette.Ribbon(_colors[node.Number]));
            }
        }
    }

    private void DrawNode(StackNode node)
    {
        var (x, y, width, size) = _bars[node.Number];
        bool suspended = node.Device is { State: "suspended" };
        _svg.Rect(x, y, width, NodeHeight - Inset / 2, suspended ? "card suspended" : "card", 8);
        _svg.Text(x + Inset, y + 20, Fit(node.Name, width * 0.5), "b");
        _svg.Text(x + Inset, y + 35, $"{node.Number} · {SizeText.Of(size)}", "s");
        if (node.Device is { } device)
        {
            string state = device.State + (device.ReadOnly ? ", read-only" : "") + (device.HasInactive ? " + inactive" : "");
            _svg.Text(x + width - Inset, y + 20, Fit(state, width * 0.48), device.State == "active" ? "s ok" : "s warn", "end");
        }
        double top = BarTop(y);
        _svg.Rect(x + Inset, top, width - 2 * Inset, BarHeight, "track", 4);
        foreach (var line in node.Device?.Lines ?? [])
        {
            var (left, right) = Span(node.Number, line.Begin, line.Length);
            _svg.Rect(left, top, Math.Max(1, right - left - 1), BarHeight, Palette.Class(_colors[node.Number]), 4,
                $"{line.Begin} {line.Length} {line.Type} {line.Table}\n{line.Status}");
            if (right - left > line.Type.Length * 7 + 8)
                _svg.Text((left + right) / 2, top + 15, line.Type, "on", "middle");
        }
    }

    /// <summary>What of a text fits into a width, roughly.</summary>
    private static string Fit(string text, double width, double perLetter = 7.2)
    {
        int most = Math.Max(4, (int)(width / perLetter));
        return text.Length <= most ? text : text[..(most - 1)] + "…";
    }
}

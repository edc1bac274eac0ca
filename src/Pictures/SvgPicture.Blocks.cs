using DmSim.Model.Views;

namespace DmSim.Pictures;

/// <content>The block maps: pools, stripes, snapshots.</content>
public sealed partial class SvgPicture
{
    private const int CellsAtMost = 2048, LegendColumns = 3;
    private const double Card = 16, CellGap = 2;

    private static double Inner => Width - 2 * Edge - 2 * Card;

    private void DrawPool(PoolView pool)
    {
        var owners = new Owners(pool, ColorsOf(pool));
        var cells = owners.Cells(CellsAtMost).ToList();
        var (perRow, side, rows) = Grid(cells.Count);
        int legendRows = (pool.Volumes.Count + 1 + LegendColumns) / LegendColumns;
        double height = 92 + rows * side + 14 + legendRows * 22 + 4;
        double x = Edge + Card, y = Begin(height);
        ulong used = pool.DataBlocks - pool.FreeBlocks;
        _svg.Text(x, y + 26, $"{Fit(pool.Name, 300)}: thin pool", "h");
        _svg.Text(Width - Edge - Card, y + 26, $"{used} of {pool.DataBlocks} blocks of {SizeText.Of(pool.BlockSize)} used · mode {pool.Mode} · "
            + $"metadata {pool.MetadataBlocks - pool.FreeMetadata} of {pool.MetadataBlocks}", "s", "end");
        DrawFill(pool, x, y + 42);
        DrawCells(cells.Select(cell => (
            cell.IsFree ? "free" : cell.IsShared ? $"{Palette.Class(cell.Color)} shared" : Palette.Class(cell.Color),
            cell.IsFree ? "free" : "volume " + string.Join(", ", cell.Owners))), x, y + 84, perRow, side);
        DrawLegend(pool, owners, x, y + 84 + rows * side + 14);
        End(height);
    }

    /// <summary>A volume has the colour of its device above; those that are not active have what is left.</summary>
    private Dictionary<ulong, int> ColorsOf(PoolView pool)
    {
        var colors = new Dictionary<ulong, int>();
        int next = _colors.Count;
        foreach (var volume in pool.Volumes)
        {
            var device = _view.Devices.FirstOrDefault(d => d.Name == volume.Name);
            colors[volume.Id] = device is not null ? _colors[device.Number] : next++;
        }
        return colors;
    }

    /// <summary>How full the pool is, with a line where the low water mark lies.</summary>
    private void DrawFill(PoolView pool, double x, double y)
    {
        double scale = Inner / Math.Max(1, (double)pool.DataBlocks);
        bool low = pool.FreeBlocks <= pool.LowWater;
        _svg.Rect(x, y, Inner, 10, "track", 5);
        if (pool.FreeBlocks < pool.DataBlocks)
            _svg.Rect(x, y, (pool.DataBlocks - pool.FreeBlocks) * scale, 10, low ? "warn" : "ok", 5);
        string words = pool.LowWater == 0 ? $"{pool.FreeBlocks} blocks free, no low water mark"
            : $"{pool.FreeBlocks} blocks free, low water mark at {pool.LowWater}{(low ? ": reached" : "")}";
        if (pool.LowWater > 0 && pool.LowWater < pool.DataBlocks)
            _svg.Line(x + Inner - pool.LowWater * scale, y - 4, x + Inner - pool.LowWater * scale, y + 14, "mark");
        _svg.Text(x, y + 28, words, low ? "s warn" : "s");
    }

    private void DrawLegend(PoolView pool, Owners owners, double x, double y)
    {
        int at = 0;
        foreach (var volume in pool.Volumes)
            Item(Palette.Class(owners.ColorOf(volume.Id)), $"{volume.Name ?? "not active"} (volume {volume.Id}): {volume.Mapped} blocks, {volume.Shared} shared");
        Item("free", "free");
        Item("free shared", "in a frame: shared by several");

        void Item(string cssClass, string text)
        {
            double left = x + at % LegendColumns * (Inner / LegendColumns), top = y + at / LegendColumns * 22;
            _svg.Rect(left + 1, top + 1, 11, 11, cssClass, 3);
            _svg.Text(left + 19, top + 11, Fit(text, Inner / LegendColumns - 24, 6.2), "s");
            at++;
        }
    }

    private void DrawStripes(DeviceView device, LineView line)
    {
        if (Stripes.Of(line) is not { } stripes)
            return;
        int shown = stripes.Shown(48);
        var (perRow, side, rows) = Grid(shown);
        double height = 64 + rows * side + 26, x = Edge + Card, y = Begin(height);
        _svg.Text(x, y + 26, $"{Fit(device.Name, 300)}: striped", "h");
        _svg.Text(Width - Edge - Card, y + 26, $"{stripes.Chunks} chunks of {SizeText.Of(stripes.Chunk)}, in turn"
            + (stripes.Chunks > (ulong)shown ? $"; the first {shown}" : ""), "s", "end");
        DrawCells(Enumerable.Range(0, shown).Select(i => (Palette.Class(i % stripes.Count), $"chunk {i}: stripe {i % stripes.Count}")), x, y + 42, perRow, side);
        for (int i = 0; i < Math.Min(stripes.Count, Palette.Count) && i < line.Below.Count; i++)
        {
            double left = x + i * (Inner / Palette.Count);
            _svg.Rect(left + 1, y + 55 + rows * side, 11, 11, Palette.Class(i), 3);
            _svg.Text(left + 19, y + 65 + rows * side, NameOf(line.Below[i]), "s");
        }
        End(height);
    }

    private string NameOf(AreaView area) => _view.Find(area.Device)?.Name
        ?? _view.Disks.FirstOrDefault(disk => disk.Number == area.Device)?.Name ?? area.Device.ToString();

    private void DrawSnapshot(SnapshotView snapshot)
    {
        var cells = ChunkMap.Of(snapshot, CellsAtMost).ToList();
        var (perRow, side, rows) = Grid(cells.Count);
        double height = 64 + rows * side + 26, x = Edge + Card, y = Begin(height);
        _svg.Text(x, y + 26, $"{Fit(snapshot.Name, 200)}: snapshot of {snapshot.Origin}", "h");
        _svg.Text(Width - Edge - Card, y + 26, $"{snapshot.Changed.Count} of {snapshot.Chunks} chunks of {SizeText.Of(snapshot.ChunkSize)} differ · "
            + snapshot.Status, "s", "end");
        DrawCells(cells.Select((changed, i) => changed ? (Palette.Class(1), $"chunk {i}: on {snapshot.Cow}") : ("free", $"chunk {i}: the origin's")),
            x, y + 42, perRow, side);
        _svg.Rect(x + 1, y + 55 + rows * side, 11, 11, Palette.Class(1), 3);
        _svg.Text(x + 19, y + 65 + rows * side, $"kept on {snapshot.Cow}", "s");
        _svg.Rect(x + 181, y + 55 + rows * side, 11, 11, "free", 3);
        _svg.Text(x + 199, y + 65 + rows * side, "as on the origin", "s");
        End(height);
    }

    /// <summary>Cells as large as there is room, at most 22 units.</summary>
    private static (int PerRow, double Side, int Rows) Grid(int count)
    {
        int perRow = count <= 512 ? Math.Max(16, Math.Min(count, 40)) : 64;
        double side = Math.Min(22, Inner / perRow);
        return (perRow, side, (count + perRow - 1) / perRow);
    }

    private void DrawCells(IEnumerable<(string Class, string Title)> cells, double x, double y, int perRow, double side)
    {
        int at = 0;
        foreach (var (cssClass, title) in cells)
        {
            _svg.Rect(x + at % perRow * side + CellGap / 2, y + at / perRow * side + CellGap / 2, side - CellGap, side - CellGap, cssClass, 3,
                $"{title}");
            at++;
        }
    }

    private double Begin(double height)
    {
        _svg.Rect(Edge, _y, Width - 2 * Edge, height, "card", 10);
        return _y;
    }

    private void End(double height) => _y += height + Gap;
}

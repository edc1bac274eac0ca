using System.Globalization;
using DmSim.Abi;
using DmSim.Model.Views;
using Spectre.Console;

namespace DmSim.Pictures;

/// <summary>The picture for a terminal: colour where there is any, letters that say the same without.</summary>
public static class TextPicture
{
    private const int CellsAtMost = 2048;
    private const int Margin = 4;

    private static readonly string[] Colors = ["blue", "darkorange", "green", "mediumpurple", "red", "teal", "gold3", "deeppink3"];

    public static void Write(IAnsiConsole console, MachineView view)
    {
        if (view.Devices.Count == 0 && view.Disks.Count == 0)
        {
            console.MarkupLine("[dim]no devices[/]");
            return;
        }
        console.Write(Stack(view));
        foreach (var pool in view.Pools)
            WritePool(console, pool);
        foreach (var device in view.Devices)
            foreach (var line in device.Lines.Where(line => line.Type == "striped"))
                WriteStripes(console, view, device, line);
        foreach (var snapshot in view.Snapshots)
            WriteSnapshot(console, snapshot);
    }

    /// <summary>What nobody lies on at the left, what it lies on under it.</summary>
    private static Tree Stack(MachineView view)
    {
        var below = view.Devices.SelectMany(d => d.Lines).SelectMany(l => l.Below).Select(area => area.Device).ToHashSet();
        var tree = new Tree(new Markup("[bold]devices[/]")) { Guide = TreeGuide.Line };
        var shown = new HashSet<DeviceNumber>();
        foreach (var device in view.Devices.Where(d => !below.Contains(d.Number)))
            Add(tree, view, device, shown);
        foreach (var disk in view.Disks.Where(d => !below.Contains(d.Number) && !view.Disks.Any(part => part.Whole == d.Name)))
            tree.AddNode(new Markup(Disk(disk) + " [dim]unused[/]"));
        return tree;
    }

    private static void Add(IHasTreeNodes parent, MachineView view, DeviceView device, HashSet<DeviceNumber> shown)
    {
        if (!shown.Add(device.Number))
        {
            parent.AddNode(new Markup($"[bold]{Markup.Escape(device.Name)}[/] [dim]as above[/]"));
            return;
        }
        var node = parent.AddNode(new Markup(Head(device)));
        foreach (var line in device.Lines)
        {
            var its = node.AddNode(new Markup($"[dim]{line.Begin}+{line.Length}[/] [bold]{Markup.Escape(line.Type)}[/] {Markup.Escape(line.Status.Trim())}"));
            foreach (var area in line.Below.Distinct())
            {
                if (view.Find(area.Device) is { } lower)
                    Add(its, view, lower, shown);
                else
                    its.AddNode(new Markup($"{NameOf(view, area.Device)} [dim]from {area.Start}[/]"));
            }
        }
    }

    private static string Head(DeviceView device)
    {
        string state = device.State switch { "active" => "[green]active[/]", "suspended" => "[yellow]suspended[/]", _ => "[red]no table[/]" };
        string more = (device.ReadOnly ? " [dim]read-only[/]" : "") + (device.HasInactive ? " [dim]+inactive table[/]" : "")
            + (device.OpenCount > 0 ? $" [dim]open {device.OpenCount}[/]" : "");
        return $"[bold]{Markup.Escape(device.Name)}[/] [dim]{device.Number} {SizeText.Of(device.Size)}[/] {state}{more}";
    }

    private static string Disk(DiskView disk) => $"{Markup.Escape(disk.Name)} [dim]{disk.Number} {SizeText.Of(disk.Size)}"
        + (disk.Whole is { } whole ? $" of {Markup.Escape(whole)}[/]" : "[/]");

    private static string NameOf(MachineView view, DeviceNumber number) =>
        view.Disks.FirstOrDefault(disk => disk.Number == number) is { } disk ? Disk(disk) : Markup.Escape(view.Find(number)?.Name ?? number.ToString());

    private static void WritePool(IAnsiConsole console, PoolView pool)
    {
        var owners = new Owners(pool);
        console.WriteLine();
        console.MarkupLine($"[bold]{Markup.Escape(pool.Name)}[/]  thin pool: {pool.DataBlocks - pool.FreeBlocks} of {pool.DataBlocks} blocks of "
            + $"{SizeText.Of(pool.BlockSize)} used, {pool.FreeBlocks} free");
        console.MarkupLine($"    [dim]mode {pool.Mode}, metadata {pool.MetadataBlocks - pool.FreeMetadata} of {pool.MetadataBlocks} blocks[/]");
        WriteFill(console, pool);
        int width = Math.Max(16, Math.Min(console.Profile.Width - Margin, 64) / 16 * 16);
        WriteCells(console, owners.Cells(CellsAtMost).Select(cell => cell.IsFree ? "[dim].[/]"
            : cell.IsShared ? $"[black on white]{cell.Letter}[/]" : $"[white on {Color(cell.Color)}]{cell.Letter}[/]"), width);
        ulong per = owners.BlocksPerCell(CellsAtMost);
        if (per > 1)
            console.MarkupLine($"    [dim]one character is {per} blocks[/]");
        foreach (var volume in pool.Volumes)
        {
            string name = volume.Name is null ? "[dim]not active[/]" : $"[bold]{Markup.Escape(volume.Name)}[/]";
            console.MarkupLine($"    [white on {Color(owners.ColorOf(volume.Id))}] {owners.LetterOf(volume.Id)} [/] volume {volume.Id} {name}: "
                + $"{volume.Mapped} blocks, {volume.Shared} shared");
        }
        console.MarkupLine("    [black on white] # [/] shared   [dim] . [/] free");
    }

    /// <summary>Used, free, and where the low water mark lies.</summary>
    private static void WriteFill(IAnsiConsole console, PoolView pool)
    {
        int width = Math.Max(10, Math.Min(console.Profile.Width - Margin - 2, 64));
        double perBlock = pool.DataBlocks == 0 ? 0 : (double)width / pool.DataBlocks;
        int used = (int)Math.Round((pool.DataBlocks - pool.FreeBlocks) * perBlock);
        int mark = pool.LowWater >= pool.DataBlocks ? -1 : (int)Math.Round((pool.DataBlocks - pool.LowWater) * perBlock);
        bool low = pool.FreeBlocks <= pool.LowWater;
        var bar = string.Concat(Enumerable.Range(0, width).Select(i => i == mark && pool.LowWater > 0 ? "[bold]|[/]"
            : i < used ? $"[{(low ? "red" : "green")}]=[/]" : "[dim]-[/]"));
        string words = pool.LowWater == 0 ? "no low water mark" : $"low water mark at {pool.LowWater} free{(low ? ", reached" : "")}";
        console.MarkupLine($"   [[{bar}]]");
        console.MarkupLine($"    [dim]{words}[/]");
    }

    private static void WriteStripes(IAnsiConsole console, MachineView view, DeviceView device, LineView line)
    {
        if (Stripes.Of(line) is not { } stripes)
            return;
        console.WriteLine();
        console.MarkupLine($"[bold]{Markup.Escape(device.Name)}[/]  {line.Begin}+{line.Length} striped: chunks of {SizeText.Of(stripes.Chunk)} in turn");
        int width = Math.Max(16, Math.Min(console.Profile.Width - Margin, 64) / 16 * 16);
        WriteCells(console, Enumerable.Range(0, stripes.Shown(width)).Select(i =>
            $"[white on {Color(i % stripes.Count)}]{(char)('a' + i % stripes.Count % 26)}[/]"), width);
        for (int i = 0; i < Math.Min(stripes.Count, line.Below.Count); i++)
            console.MarkupLine($"    [white on {Color(i)}] {(char)('a' + i % 26)} [/] {NameOf(view, line.Below[i].Device)} [dim]from {line.Below[i].Start}[/]");
    }

    private static void WriteSnapshot(IAnsiConsole console, SnapshotView snapshot)
    {
        console.WriteLine();
        console.MarkupLine($"[bold]{Markup.Escape(snapshot.Name)}[/]  snapshot of {Markup.Escape(snapshot.Origin)}, kept on {Markup.Escape(snapshot.Cow)}: "
            + $"{snapshot.Changed.Count} of {snapshot.Chunks} chunks of {SizeText.Of(snapshot.ChunkSize)} differ  [dim]{Markup.Escape(snapshot.Status)}[/]");
        int width = Math.Max(16, Math.Min(console.Profile.Width - Margin, 64) / 16 * 16);
        WriteCells(console, ChunkMap.Of(snapshot, CellsAtMost).Select(changed => changed ? $"[white on {Color(1)}]*[/]" : "[dim].[/]"), width);
        console.MarkupLine($"    [white on {Color(1)}] * [/] kept on {Markup.Escape(snapshot.Cow)}   [dim] . [/] the origin's");
    }

    private static void WriteCells(IAnsiConsole console, IEnumerable<string> cells, int width)
    {
        foreach (string[] row in cells.Chunk(width))
            console.MarkupLine("    " + string.Concat(row));
    }

    private static string Color(int index) => Colors[index % Colors.Length];
}

/// <summary>A striped line's chunks.</summary>
internal sealed record Stripes(int Count, Sectors Chunk, ulong Chunks)
{
    /// <summary>"STRIPES CHUNK …", as the table prints it.</summary>
    public static Stripes? Of(LineView line)
    {
        string[] words = line.Table.Split(' ');
        return words.Length > 2 && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0
            && ulong.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong chunk) && chunk > 0
            ? new Stripes(count, new Sectors(chunk), line.Length.Value / chunk) : null;
    }

    /// <summary>Four rows are enough to see the turns.</summary>
    public int Shown(int width) => (int)Math.Min(Chunks, (ulong)width * 4);
}

internal static class ChunkMap
{
    /// <summary>By cell, whether any of its chunks has changed.</summary>
    public static IEnumerable<bool> Of(SnapshotView snapshot, int most)
    {
        ulong per = Math.Max(1, (snapshot.Chunks + (ulong)most - 1) / (ulong)most);
        var changed = snapshot.Changed.Select(chunk => chunk / per).ToHashSet();
        for (ulong cell = 0; cell < (snapshot.Chunks + per - 1) / per; cell++)
            yield return changed.Contains(cell);
    }
}

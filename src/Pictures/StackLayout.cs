using DmSim.Abi;
using DmSim.Model.Views;

namespace DmSim.Pictures;

/// <summary>A device in the picture of the stack.</summary>
/// <param name="Layer">0 at the bottom.</param>
/// <param name="Device">Null for a disk.</param>
public sealed record StackNode(DeviceNumber Number, string Name, Sectors Size, int Layer, DeviceView? Device);

/// <summary>Devices in layers: each above all that it lies on.</summary>
public static class StackLayout
{
    /// <summary>Tables in a circle can be loaded; what goes on is cut off here.</summary>
    private const int MaxDepth = 16;

    /// <summary>Top layer first; within a layer by number.</summary>
    public static IReadOnlyList<IReadOnlyList<StackNode>> Layers(MachineView view)
    {
        var nodes = view.Disks.Select(disk => new StackNode(disk.Number, disk.Name, disk.Size, 0, null))
            .Concat(view.Devices.Select(device => new StackNode(device.Number, device.Name, device.Size, Height(view, device, 0), device)));
        return [.. nodes.GroupBy(node => node.Layer).OrderByDescending(layer => layer.Key)
            .Select(layer => (IReadOnlyList<StackNode>)[.. layer.OrderBy(node => node.Number)])];
    }

    private static int Height(MachineView view, DeviceView device, int depth) => depth > MaxDepth ? 1
        : 1 + device.Lines.SelectMany(line => line.Below).Select(area => view.Find(area.Device) is { } below ? Height(view, below, depth + 1) : 0)
            .DefaultIfEmpty(0).Max();
}

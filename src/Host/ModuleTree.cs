using System.Text;
using DmSim.Abi;

namespace DmSim.Host;

/// <summary>
/// /sys/module and /proc/modules, and the misc devices in /sys (kernel/module/sysfs.c, kernel/module/procfs.c, drivers/char/misc.c, 6.1).
/// What the simulated kernel has is there from the start; nothing is loaded or removed.
/// </summary>
internal static class ModuleTree
{
    public static void Make(DeviceTree tree, IReadOnlyList<ModuleInfo> modules)
    {
        var sys = tree.Folder(tree.Root, "sys");
        var folder = tree.Put(sys, "module", new FolderNode { Order = SysfsTree.KernfsOrder });
        foreach (var module in modules)
            MakeModule(tree, tree.Put(folder, module.Name, new FolderNode { Order = SysfsTree.KernfsOrder }), module);
        var devices = tree.Folder(tree.Folder(tree.Folder(sys, "devices"), "virtual"), "misc");
        var classes = tree.Put(tree.Folder(sys, "class"), "misc", new FolderNode { Order = SysfsTree.KernfsOrder });
        foreach (var (name, number, node) in (ReadOnlySpan<(string, DeviceNumber, string)>)
            [("device-mapper", DeviceTree.Control, "mapper/control"), ("loop-control", DeviceTree.LoopControl, "loop-control")])
        {
            var device = tree.Put(devices, name, new FolderNode());
            Text(tree, device, "dev", $"{number}\n");
            Text(tree, device, "uevent", $"MAJOR={number.Major}\nMINOR={number.Minor}\nDEVNAME={node}\n");
            tree.Put(device, "power", new FolderNode());
            tree.Put(device, "subsystem", LinkNode.InSysfs("../../../../class/misc"));
            tree.Put(classes, name, LinkNode.InSysfs($"../../devices/virtual/misc/{name}"));
        }
    }

    /// <summary>Sections and notes, which tell where code lies, are left out: there is none.</summary>
    private static void MakeModule(DeviceTree tree, FolderNode folder, ModuleInfo module)
    {
        Text(tree, folder, "coresize", $"{module.Bytes}\n");
        Text(tree, folder, "initsize", "0\n");
        Text(tree, folder, "initstate", "live\n");
        tree.Put(folder, "refcnt", new TextNode(() => $"{module.References()}\n") { Permissions = 0x124 });
        Text(tree, folder, "taint", "\n");
        var holders = tree.Put(folder, "holders", new FolderNode { Order = SysfsTree.KernfsOrder });
        foreach (string user in module.Users)
            tree.Put(holders, user, LinkNode.InSysfs($"../../{user}"));
        if (module.Parameters.Count == 0)
            return;
        var parameters = tree.Put(folder, "parameters", new FolderNode());
        foreach (var parameter in module.Parameters)
            tree.Put(parameters, parameter.Name, new TextNode(() => parameter.Show() + "\n", parameter.Store) { Permissions = parameter.Store is null ? 0x124u : 0x1a4u });
    }

    private static void Text(DeviceTree tree, FolderNode folder, string name, string text) =>
        tree.Put(folder, name, new TextNode(() => text) { Permissions = 0x124 });

    /// <summary>m_show (kernel/module/procfs.c). Addresses are not for everybody to see.</summary>
    public static string ProcModules(IReadOnlyList<ModuleInfo> modules)
    {
        var text = new StringBuilder();
        foreach (var module in modules)
            text.Append($"{module.Name} {module.Bytes} {module.References()} {(module.Users.Count == 0 ? "-" : string.Join(',', module.Users) + ",")} Live 0x0000000000000000\n");
        return text.ToString();
    }
}

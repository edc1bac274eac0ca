namespace DmSim.Abi;

/// <summary>A module of the machine's kernel, as /sys/module and /proc/modules show it.</summary>
/// <param name="Name">With underscores: dm_thin_pool.</param>
/// <param name="Bytes">What it takes in memory; depends on how the kernel was built.</param>
/// <param name="Users">Modules that need it, the latest first.</param>
/// <param name="References">How often it is needed now: by those modules, and by what it has made.</param>
public sealed record ModuleInfo(
    string Name, int Bytes, IReadOnlyList<string> Users, Func<int> References, IReadOnlyList<ModuleParameter> Parameters);

/// <param name="Show">Its value as the file has it, without the end of the line.</param>
/// <param name="Store">What a write of a text answers; null where it cannot be set.</param>
public sealed record ModuleParameter(string Name, Func<string> Show, Func<string, Errno>? Store = null);

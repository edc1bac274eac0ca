using System.Text.Json;
using System.Text.Json.Serialization;

namespace DmSim.Cli.Hosted;

/// <summary>A loop device with its file.</summary>
/// <param name="Number">N of loopN.</param>
/// <param name="File">Where the file lies; null when it was deleted, and then <paramref name="Contents"/> is what was in it.</param>
/// <param name="Node">Set in the place of a file when it lies on a device of the machine: its number.</param>
/// <param name="Offset">In bytes, as <paramref name="SizeLimit"/>.</param>
/// <param name="Flags">LO_FLAGS_*.</param>
/// <param name="Size">Bytes of the file.</param>
internal sealed record SavedLoop(
    int Number, string? File, byte[]? Contents, string? Node, ulong Offset, ulong SizeLimit, uint Flags, uint BlockSize, ulong Size);

/// <summary>A mapped device.</summary>
/// <param name="Live">Its table as text, a line each; null where it has none. So is <paramref name="Inactive"/>.</param>
/// <param name="Needs">The devices that its tables name.</param>
internal sealed record SavedDevice(
    string Name, string? Uuid, uint Minor, bool ReadOnly, bool Suspended, uint EventNr, string? Live, string? Inactive, IReadOnlyList<string> Needs);

/// <summary>A whole machine: what "dmsim sh --save" writes and "--load" reads.</summary>
internal sealed record SavedMachine(string Format, int Version, string Kernel, IReadOnlyList<SavedLoop> Loops, IReadOnlyList<SavedDevice> Devices)
{
    public const string FormatName = "dmsim machine";
    public const int PresentVersion = 1;

    private static readonly JsonSerializerOptions Style = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectRequiredConstructorParameters = false,
        RespectNullableAnnotations = true,
    };

    /// <summary>Beside the file first, then in its place: who finds it finds all of it.</summary>
    public void Write(string path)
    {
        string whole = Path.GetFullPath(path), draft = $"{whole}.{Environment.ProcessId}.new";
        try
        {
            using (var file = new FileStream(draft, FileMode.Create, FileAccess.Write))
            {
                JsonSerializer.Serialize(file, this, Style);
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, whole, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(draft))
                File.Delete(draft);
            throw new Kernel.Vm.SetupException($"The machine could not be saved in {path} ({e.Message}): what was there before is there still.");
        }
    }

    public static SavedMachine Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var machine = JsonSerializer.Deserialize<SavedMachine>(file, Style);
            return machine is { Format: FormatName, Version: PresentVersion, Loops: not null, Devices: not null, Kernel: not null }
                ? machine
                : throw new BadInputException($"{path} is no machine that this dmsim has saved: give a file that 'dmsim sh --save' has written.");
        }
        catch (JsonException e)
        {
            throw new BadInputException($"{path} is no saved machine, or not a whole one ({e.Message.Split(". Path")[0]}).");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read: {e.Message}");
        }
    }
}
